using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests.Fixtures;

/// <summary>A tmpfs whose opens go to a group of the keeper, and from there into slots.</summary>
internal sealed class WatchedMount : IDisposable
{
    private readonly Keeper _keeper;
    private readonly TestMount _mount = TestMount.Tmpfs();
    private readonly FanotifyGroup _group;
    private readonly Poller _poller = Poller.Create();
    private readonly List<Opener> _openers = [];
    private readonly List<int> _descriptors = [];
    private readonly string _file;
    private readonly Descriptor _content;

    public WatchedMount(Keeper keeper, ulong key = 1)
    {
        _keeper = keeper;
        _file = _mount.Write("file", "content");
        _content = Descriptor.OpenRead(_file);
        (Index, _group) = keeper.OpenGroup(key);
        _poller.Add(_group, 1);
        using Descriptor here = Descriptor.OpenPath("/");
        _group.MarkFilesystem(EventMask.OpenPermission, here, _mount.RootPath);
    }

    /// <summary>The group's index.</summary>
    public int Index { get; }

    /// <summary>Has a child process open the file, and brings the event in a slot into a state.</summary>
    public Opener OpenInto(int slot, SlotState state)
    {
        Opener opener = Open();
        Assert.NotEqual(0, _poller.Wait(5_000));
        EventMetadata metadata = default;
        Assert.Equal(Errno.None, _group.TryRead(ref metadata));
        _descriptors.Add(metadata.Descriptor);
        _keeper.Bring(slot, state, Index, metadata);
        return opener;
    }

    /// <summary>Has opens of the file pass, as a worker does when it knows the file.</summary>
    public void PassUnasked() => Assert.Equal(Errno.None, _group.TryPassUnasked(_content.Content));

    /// <summary>Has a child process open the file.</summary>
    public Opener Open()
    {
        Opener opener = Opener.Cat(_file);
        _openers.Add(opener);
        return opener;
    }

    /// <summary>To be disposed before the keeper, whose group answers what is left when it is closed.</summary>
    public void Dispose()
    {
        foreach (Opener opener in _openers)
        {
            opener.Dispose();
        }

        foreach (int descriptor in _descriptors)
        {
            new EventDescriptor(descriptor).Close();
        }

        _content.Dispose();
        _poller.Dispose();
        _mount.Dispose();
    }
}
