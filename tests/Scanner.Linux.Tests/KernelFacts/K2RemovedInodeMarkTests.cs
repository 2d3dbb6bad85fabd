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

    private static void AssertAsked(MarkedMount marked, BytePath file)
    {
        using Opener asked = Opener.Cat(file.ToString());
        EventMetadata metadata = marked.Reader.Next();
        Assert.Equal(asked.ProcessId, metadata.ProcessId);
        marked.Reader.Answer(metadata, Access.Deny);
        Assert.True(asked.Result().WasDenied);
    }
}
