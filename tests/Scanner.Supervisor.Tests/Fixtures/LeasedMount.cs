using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests.Fixtures;

/// <summary>A file system that a group of the keeper asks about, with this process as the worker that offers leases.</summary>
internal sealed class LeasedMount : IDisposable
{
    private readonly Keeper _keeper;
    private readonly Descriptor _here = Descriptor.OpenPath("/");

    /// <param name="keeper">Keeps the group and the leases.</param>
    /// <param name="files">Names of files to write before the mark is set.</param>
    public LeasedMount(Keeper keeper, params IReadOnlyList<string> files)
    {
        _keeper = keeper;
        Mount = TestMount.Ext4();
        foreach (string file in files)
        {
            Mount.Write(file, "before");
        }

        Open();
    }

    public TestMount Mount { get; }

    public int Index { get; private set; }

    public FanotifyGroup Group { get; private set; } = null!;

    public EventReader Reader { get; private set; } = null!;

    /// <summary>Opens the group, or another after it was closed.</summary>
    public void Open()
    {
        (Index, Group) = _keeper.OpenGroup(1);
        Reader = new EventReader(Group);
        Group.MarkFilesystem(EventMask.OpenPermission, _here, Mount.RootPath);
    }

    /// <summary>Has the keeper close the group.</summary>
    public void Close()
    {
        Reader.Dispose();
        Assert.Equal(
            ControlMessageKind.Done,
            _keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, Index, 0)).Answer.Kind);
    }

    /// <summary>Opens a file, and answers the question; nobody else is asked.</summary>
    public Descriptor OpenFile(string name)
    {
        Task<Descriptor> opening = Task.Run(() => Descriptor.OpenRead(Mount[name]));
        Answer(Access.Allow);
        return opening.GetAwaiter().GetResult();
    }

    /// <summary>What the worker would say of a file of this group.</summary>
    public LeaseOffer Describe(Descriptor file)
    {
        Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        return new LeaseOffer(Index, _keeper.Journal.Group(Index).Generation, Clock.Now, status);
    }

    /// <summary>Offers the lease on a file, after taking it.</summary>
    /// <param name="name">The file.</param>
    /// <param name="change">Makes the offer another one.</param>
    public void Offer(string name, Func<LeaseOffer, LeaseOffer>? change = null)
    {
        using Descriptor file = OpenFile(name);
        LeaseOffer offer = Describe(file);
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        Send(file, change?.Invoke(offer) ?? offer);
    }

    public void Send(Descriptor file, LeaseOffer offer) => Assert.Equal(
        Errno.None,
        _keeper.Leases.WorkersEnd.TrySend(MemoryMarshal.AsBytes(new ReadOnlySpan<LeaseOffer>(in offer)), file.Content));

    /// <summary>Asserts that a file can be read without a question.</summary>
    public void AssertUnasked(string name)
    {
        using Opener opener = Opener.Cat(Mount[name]);
        Assert.Equal("before", opener.Result().Output);
        Assert.Null(TryNextQuestion(0));
    }

    public void AssertAsked(string name)
    {
        using Opener opener = Opener.Cat(Mount[name]);
        Answer(Access.Deny);
        Assert.True(opener.Result().WasDenied);
    }

    /// <summary>Answers the next question.</summary>
    public void Answer(Access access)
    {
        EventMetadata? question = TryNextQuestion(5_000);
        Assert.NotNull(question);
        Reader.Answer(question.Value, access);
    }

    /// <summary>Begins to overwrite a file; whoever comes to do so is asked about only if others would be too.</summary>
    public Opener StartWriter(string name) => Opener.Start("/bin/sh", "-c", "echo after > \"$0\"", Mount[name]);

    /// <summary>A marked file also tells when it was written, which nobody waits for.</summary>
    private EventMetadata? TryNextQuestion(int milliseconds)
    {
        while (Reader.TryNext(milliseconds) is EventMetadata metadata)
        {
            if (metadata.WantsReply)
            {
                return metadata;
            }

            new EventDescriptor(metadata.Descriptor).Close();
        }

        return null;
    }

    /// <summary>To be disposed before the keeper.</summary>
    public void Dispose()
    {
        Reader.Dispose();
        _here.Dispose();
        Mount.Dispose();
    }
}
