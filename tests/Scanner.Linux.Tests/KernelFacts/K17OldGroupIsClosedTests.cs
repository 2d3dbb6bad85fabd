using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// All marks are dropped at once by opening and marking a new group and closing the old one. While an open waits in
/// the new group, nothing passes. But the close itself can wait until that open is answered: the waiting open holds
/// on to the old group's inode mark if the kernel happens to ask the new group first. So whoever closes an old group
/// must not be the one who answers.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K17OldGroupIsClosedTests
{
    /// <summary>Which group is asked first depends on where the kernel has allocated them.</summary>
    private const int Rounds = 4;

    [Theory(Timeout = 60_000)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public Task GivenAnOpenWaitingInTheNewGroup_WhenTheOldOneCloses_ThenNothingPasses(bool oldIsOpenedFirst, bool inodeIsMarked) =>
        Blocking.Run(() =>
        {
            Requires.Root();
            for (int round = 0; round < Rounds; round++)
            {
                using FanotifyGroup first = FanotifyGroup.Open();
                using FanotifyGroup second = FanotifyGroup.Open();
                RunRound(oldIsOpenedFirst ? first : second, oldIsOpenedFirst ? second : first, inodeIsMarked);
            }
        });

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public Task GivenAnOpenWaitingInTheOldGroup_WhenANewOneTakesItsPlace_ThenLaterOpensAreAskedByTheNewOneOnly(bool oldIsOpenedFirst) =>
        Blocking.Run(() =>
        {
            Requires.Root();
            for (int round = 0; round < Rounds; round++)
            {
                using FanotifyGroup first = FanotifyGroup.Open();
                using FanotifyGroup second = FanotifyGroup.Open();
                RunWaitingRound(oldIsOpenedFirst ? first : second, oldIsOpenedFirst ? second : first);
            }
        });

    private static void RunWaitingRound(FanotifyGroup old, FanotifyGroup fresh)
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor here = Descriptor.OpenPath("/");
        using EventReader oldReader = new(old);
        using EventReader reader = new(fresh);
        old.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
        using Opener waiting = Opener.Cat(path);
        EventMetadata pending = oldReader.Next();

        // A mark that is set for a file while somebody waits for it, and so may be wrong.
        old.MarkInode(EventMask.CloseWrite, evictable: true, here, new BytePath(path));
        old.IgnoreInode(EventMask.OpenPermission, here, new BytePath(path));

        fresh.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
        OpensUnderWay.Await();
        old.FlushFilesystems();
        AssertAsked(reader, path);
        oldReader.AssertSilent();

        // The new one is asked about it too if the kernel happens to come to it later.
        oldReader.Answer(pending, Access.Allow);
        if (reader.TryNext(200) is { } again)
        {
            Assert.Equal(waiting.ProcessId, again.ProcessId);
            reader.Answer(again, Access.Allow);
        }

        Assert.Equal("content", waiting.Result().Output);
        oldReader.Dispose();
        old.Dispose();
        AssertAsked(reader, path);
    }

    private static void RunRound(FanotifyGroup old, FanotifyGroup fresh, bool inodeIsMarked)
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using Descriptor here = Descriptor.OpenPath("/");
        using EventReader oldReader = new(old);
        using EventReader reader = new(fresh);
        old.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
        if (inodeIsMarked)
        {
            old.MarkInode(EventMask.CloseWrite, evictable: true, here, new BytePath(path));
            old.IgnoreInode(EventMask.OpenPermission, here, new BytePath(path));
        }

        fresh.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
        using Opener waiting = Opener.Cat(path);
        if (oldReader.TryNext(100) is EventMetadata asked)
        {
            oldReader.Answer(asked, Access.Allow);
        }

        EventMetadata pending = reader.Next();
        Task closing = Blocking.Run(old.Dispose);
        _ = closing.Wait(100);

        AssertAsked(reader, path);
        reader.Answer(pending, Access.Deny);
        Assert.True(closing.Wait(5_000));
        Assert.True(waiting.Result().WasDenied);
        AssertAsked(reader, path);
    }

    private static void AssertAsked(EventReader reader, string path)
    {
        using Opener opener = Opener.Cat(path);
        EventMetadata metadata = reader.Next();
        Assert.Equal(opener.ProcessId, metadata.ProcessId);
        reader.Answer(metadata, Access.Deny);
        Assert.True(opener.Result().WasDenied);
    }
}
