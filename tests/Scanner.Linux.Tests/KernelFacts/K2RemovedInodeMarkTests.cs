using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// Removing an inode mark while an event on that inode waits lets other opens of it through, although the file system
/// is marked. Taking ignore bits off a mark that stays attached does not.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K2RemovedInodeMarkTests
{
    private static readonly MarkFlags IgnoredMask = (MarkFlags)0x20;

    [Fact(Timeout = 20_000)]
    public Task GivenAWaitingOpen_WhenTheInodeMarkIsRemoved_ThenOthersPassUntilItIsAnswered() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        BytePath file = new(mount.Write("file", "content"));
        using Descriptor here = Descriptor.OpenPath("/");
        using MarkedMount marked = new(mount);
        marked.Group.MarkInode(EventMask.CloseWrite, evictable: true, here, file);
        using Opener waiting = Opener.Cat(file.ToString());
        EventMetadata metadata = marked.Reader.Next();

        marked.Group.UnmarkInode(EventMask.CloseWrite, here, file);

        using Opener passing = Opener.Cat(file.ToString());
        Assert.Equal("content", passing.Result().Output);
        marked.Reader.AssertSilent();
        marked.Reader.Answer(metadata, Access.Deny);
        Assert.True(waiting.Result().WasDenied);
        AssertAsked(marked, file);
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAWaitingOpen_WhenOnlyIgnoreBitsAreTakenOff_ThenOthersAreAsked() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        BytePath file = new(mount.Write("file", "content"));
        using Descriptor here = Descriptor.OpenPath("/");
        using MarkedMount marked = new(mount);
        marked.Group.MarkInode(EventMask.CloseWrite, evictable: true, here, file);
        using Opener waiting = Opener.Cat(file.ToString());
        EventMetadata metadata = marked.Reader.Next();

        marked.Group.IgnoreInode(EventMask.OpenPermission, here, file);
        using Opener ignored = Opener.Cat(file.ToString());
        Assert.Equal("content", ignored.Result().Output);
        marked.Reader.AssertSilent();
        marked.Group.Mark(MarkFlags.Remove | IgnoredMask, EventMask.OpenPermission, here, file);

        AssertAsked(marked, file);
        marked.Reader.Answer(metadata, Access.Deny);
        Assert.True(waiting.Result().WasDenied);
        AssertAsked(marked, file);
    });

    [Theory(Timeout = 30_000)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAWaitingOpen_WhenAMarkIsSetAndClearedAndInodesAreDropped_ThenOthersAreAsked(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "content");
        using Descriptor file = Descriptor.OpenRead(path);
        using MarkedMount marked = new(mount);
        using Opener waiting = Opener.Cat(path);
        EventMetadata metadata = marked.Reader.Next();
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal(Errno.None, marked.Group.TryPassUnasked(file.Content));
            DropInodes();
            Assert.Equal(Errno.None, marked.Group.TryAskAgain(file.Content));
            DropInodes();
            AssertAsked(marked, new BytePath(path));
        }

        marked.Reader.Answer(metadata, Access.Deny);
        Assert.True(waiting.Result().WasDenied);
        AssertAsked(marked, new BytePath(path));
    });

    [Theory(Timeout = 30_000)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAFileThatPasses_WhenItsInodeIsDropped_ThenItIsAskedAbout(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using (Descriptor file = OpenAnswered(marked, path))
        {
            Assert.Equal(Errno.None, marked.Group.TryPassUnasked(file.Content));
        }

        using Opener passing = Opener.Cat(path);
        Assert.Equal("content", passing.Result().Output);
        // Whoever else looks at the machine's files may hold it for a moment.
        for (int attempt = 0; attempt < 20; attempt++)
        {
            Tool.Run("dd", $"if={path}", "iflag=nocache", "count=0", "status=none");

            // Reading may have changed its time of access.
            Tool.Run("sync", "-f", mount.Root);
            DropInodes();
            using Opener asked = Opener.Cat(path);
            if (marked.Reader.TryNext(300) is { } metadata)
            {
                marked.Reader.Answer(metadata, Access.Deny);
                Assert.True(asked.Result().WasDenied);
                return;
            }
        }

        Assert.Fail("The inode stays in memory.");
    });

    /// <summary>Of the whole machine: there is no smaller measure.</summary>
    private static void DropInodes() => File.WriteAllText("/proc/sys/vm/drop_caches", "2");

    private static Descriptor OpenAnswered(MarkedMount marked, string path)
    {
        Task<Descriptor> opening = Task.Run(() => Descriptor.OpenRead(path));
        marked.Reader.Answer(marked.Reader.Next(), Access.Allow);
        return opening.GetAwaiter().GetResult();
    }

    private static void AssertAsked(MarkedMount marked, BytePath file)
    {
        using Opener asked = Opener.Cat(file.ToString());
        EventMetadata metadata = marked.Reader.Next();
        Assert.Equal(asked.ProcessId, metadata.ProcessId);
        marked.Reader.Answer(metadata, Access.Deny);
        Assert.True(asked.Result().WasDenied);
    }
}
