using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>When opens of a file are let pass, and what ends that. The test's own opens are exempt.</summary>
[Collection(MarksCollection.Name)]
public sealed class GroupMarksTests
{
    private const int PromptMilliseconds = 5_000;

    [Theory(Timeout = 60_000)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAFileThatIsKnownToBeClean_WhenItIsLeased_ThenItPasses(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        using GroupBed bed = new(mount);
        using Descriptor file = Open(bed, mount.Write("file", "content"));

        bed.Follow().Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));

        AssertCounted(bed, MarkCounter.Set);
        Assert.True(bed.Rooms.Journal.Group(bed.Follow().Index).HasMarks);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAReader_WhenNobodyHasLookedAtAFileOfThatMountBefore_ThenItSetsNothing() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        using Descriptor file = Open(bed, mount.Write("file", "content"));
        FileStatus status = FileStatus.Of(file);

        bed.Follow().Marks.TrySet(file.Content, status);
        AssertCounted(bed);

        bed.Follow().Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));
        AssertCounted(bed, MarkCounter.Set);

        bed.Follow().Marks.TrySet(file.Content, status);
        AssertCounted(bed, MarkCounter.Set, MarkCounter.Set);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("no lease")]
    [InlineData("forgotten")]
    [InlineData("infected")]
    [InlineData("changed")]
    [InlineData("distrusted")]
    public Task GivenAFile_WhenItIsNotProvedToBeClean_ThenItIsAskedAbout(string lack) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        using Descriptor file = Open(bed, mount.Write("file", "content"), lack == "infected" ? Verdict.Infected("Test") : Verdict.Clean);
        WatchedGroup group = bed.Follow();
        switch (lack)
        {
            case "no lease":
                Assert.Equal(Errno.None, ReadLease.Release(file.Content));
                break;
            case "forgotten":
                bed.Rooms.Known.Forget(VersionOf(group, file).File);
                break;
            case "changed":
                Tool.Run("touch", mount["file"]);
                break;
            case "distrusted":
                group.Plan = group.Plan with { Rule = group.Plan.Rule with { Trust = VersionTrust.Content } };
                break;
        }

        group.Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));

        AssertCounted(bed, lack == "distrusted" ? [] : [MarkCounter.ClearedChanged]);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAGroupThatIsBeingReplaced_WhenAFileIsKnown_ThenItIsAskedAbout() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        using Descriptor file = Open(bed, mount.Write("file", "content"));
        WatchedGroup group = bed.Follow();
        group.Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));
        group.RequestReplacement(ReplacementReason.LostNotices);

        group.Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));

        AssertCounted(bed, MarkCounter.Set);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("chmod 666 \"$0\"", MarkCounter.ClearedAttributes)]
    [InlineData("chown 1000 \"$0\"", MarkCounter.ClearedAttributes)]
    [InlineData("setfacl -m u:1000:rw \"$0\"", MarkCounter.ClearedAttributes)]
    [InlineData(": >> \"$0\"", MarkCounter.ClearedWritten)]
    public Task GivenAFileThatPasses_WhenItIsHandedOverOrWritten_ThenItIsAskedAboutAndListenedToNoMore(
        string change, object reason) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        string path = mount.Write("file", "content");
        using Descriptor file = Open(bed, path);
        WatchedGroup group = bed.Follow();
        group.Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));
        Assert.Equal(Errno.None, ReadLease.Release(file.Content));

        Tool.Run("sh", "-c", change, path);
        AwaitCounted(bed, MarkCounter.Set, (MarkCounter)reason);
        bool isKnown = bed.Rooms.Known.IsStillClean(VersionOf(group, file));
        Tool.Run("chmod", "600", path);
        Thread.Sleep(100);

        Assert.False(isKnown);
        AssertCounted(bed, MarkCounter.Set, (MarkCounter)reason);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAFileThatPasses_WhenItsNewOwnerChangesItsGenerationAtOnce_ThenItIsAskedAbout() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        Tool.Run("umount", mount.Root);
        Tool.Run("mkfs.ext4", "-q", "-F", "-O", "^metadata_csum", mount.Image);
        mount.Attach();
        using GroupBed bed = new(mount);
        string path = mount.Write("file", "content");
        using Descriptor file = Open(bed, path);
        bed.Follow().Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));
        AssertCounted(bed, MarkCounter.Set);
        using HeldNotices held = new(bed.Rooms.Tools.Marks.Notices, mount.Write("other", ""));

        Tool.Run("chown", "1000", path);
        Tool.Run("chattr", "-v", "12345", path);
        AssertCounted(bed, MarkCounter.Set);
        held.LetGo();

        AwaitCounted(bed, MarkCounter.Set, MarkCounter.ClearedAttributes);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAFileThatUsersCanWrite_WhenKnown_ThenItIsAskedAbout() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        string path = mount.Write("file", "content");
        Tool.Run("chmod", "622", path);
        using Descriptor file = Open(bed, path);

        bed.Follow().Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));

        AssertCounted(bed);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("1000", "0")]
    [InlineData("0", "100000")]
    public Task GivenAMountThatShowsOtherOwners_WhenAFileIsKnown_ThenItIsAskedAbout(string owner, string shown) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using GroupBed bed = new(mount);
        string path = mount.Write("file", "content");
        Tool.Run("chown", owner, path);
        WatchedGroup group = bed.Follow();
        string mapped = mount.Bind();
        Tool.Run("umount", mapped);
        Tool.Run(NativeProgram.Path("opener"), "bind-idmapped", mount.Root, mapped, owner, shown, "directory", mapped);

        // Not known to the plan yet: what the file is shown as through the mount is all there is.
        using (Descriptor file = Open(bed, Path.Combine(mapped, "file"), Verdict.Clean, group))
        {
            group.Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));
            AssertCounted(bed);
        }

        group = bed.Follow();
        using (Descriptor file = Open(bed, path, Verdict.Clean, group))
        {
            group.Marks.TrySetAfterScan(file.Content, FileStatus.Of(file));
            AssertCounted(bed);
        }
    });

    private static FileVersion VersionOf(WatchedGroup group, Descriptor file) =>
        FileVersion.Of(group.Cache.Identity, FileStatus.Of(file));

    private static Descriptor Open(GroupBed bed, string path) => Open(bed, path, Verdict.Clean);

    private static Descriptor Open(GroupBed bed, string path, Verdict verdict) => Open(bed, path, verdict, bed.Follow());

    /// <summary>Opens a file under a lease, and knows a verdict on it.</summary>
    private static Descriptor Open(GroupBed bed, string path, Verdict verdict, WatchedGroup group)
    {
        Descriptor file = Descriptor.OpenRead(path);
        Assert.Equal(Errno.None, ReadLease.TryTake(file.Content));
        FileVersion version = VersionOf(group, file);
        Assert.True(bed.Rooms.Known.Keep(version, bed.Rooms.Known.Begin(version.File), verdict));
        return file;
    }

    private static void AssertCounted(GroupBed bed, params MarkCounter[] expected) =>
        Assert.Equal(expected.Order(), Counted(bed));

    private static void AwaitCounted(GroupBed bed, params MarkCounter[] expected)
    {
        _ = SpinWait.SpinUntil(() => Counted(bed).SequenceEqual(expected.Order()), PromptMilliseconds);
        AssertCounted(bed, expected);
    }

    /// <summary>Each as often as it was counted.</summary>
    private static IEnumerable<MarkCounter> Counted(GroupBed bed) =>
        Enum.GetValues<MarkCounter>().SelectMany(
            counter => Enumerable.Repeat(counter, (int)bed.Rooms.Tools.Marks[counter]));

    /// <summary>Keeps the thread that hears notices from hearing more, as when it gets no processor time.</summary>
    private sealed class HeldNotices : IDisposable
    {
        private readonly NoticeThread _thread;
        private readonly NoticeGroup _group = NoticeGroup.Open();
        private readonly ManualResetEventSlim _isHeld = new();
        private readonly ManualResetEventSlim _mayGo = new();

        public HeldNotices(NoticeThread thread, string file)
        {
            _thread = thread;
            using Descriptor here = Descriptor.OpenPath("/");
            _group.MarkFile(EventMask.Attributes, here, new BytePath(file));
            thread.Add(_group, Hold);
            Tool.Run("chmod", "600", file);
            Assert.True(_isHeld.Wait(PromptMilliseconds));
        }

        public void LetGo() => _mayGo.Set();

        public void Dispose()
        {
            _mayGo.Set();
            _thread.Remove(_group);
            _group.Dispose();
        }

        private void Hold(NoticeGroup group)
        {
            Span<byte> buffer = stackalloc byte[NoticeGroup.BufferBytes];
            foreach (Notice notice in group.TakeAll(buffer))
            {
                _ = notice.Mask;
            }

            _isHeld.Set();
            _mayGo.Wait();
        }
    }
}
