using System.Diagnostics;
using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>Groups with marks on files that let opens pass unasked, and what makes these go.</summary>
[Collection(MarksCollection.Name)]
public sealed class GroupReplacementTests
{
    private const string Clean = "clean";
    private const string Infected = "infected";
    private const int PromptMilliseconds = 2_000;

    [Fact(Timeout = 60_000)]
    public Task GivenAMarkedFile_WhenTheEngineHasNewSignatures_ThenItsNextOpenIsDenied() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Infected);
        ContentEngine engine = new();
        using GroupBed bed = new(mount, engine);
        WatchedGroup old = bed.Follow();
        Mark(old, path);
        Assert.Equal(Infected, Open(path).Output);

        engine.Load(Infected);
        AwaitRequest(bed);
        Assert.False(old.TryPrepareMark());
        Assert.True(bed.Groups.Replace());

        Assert.True(Open(path).WasDenied);
        Assert.True(bed.Current.TryPrepareMark());
        AssertReplaced(bed, old, ReplacementReason.NewSignatures);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAMarkedFile_WhenSomebodyOpensTheImage_ThenItsNextOpenIsAsked() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Infected);
        using GroupBed bed = new(mount, new ContentEngine(Infected));
        WatchedGroup old = bed.Follow();
        Mark(old, path);
        Assert.Equal(Infected, Open(path).Output);

        Tool.Run("head", "-c", "1", mount.Image);
        AwaitRequest(bed);
        Assert.True(bed.Groups.Replace());

        Assert.True(Open(path).WasDenied);
        Assert.Equal(VersionTrust.Content, bed.Current.Cache.Trust);
        AssertReplaced(bed, old, ReplacementReason.VersionsDistrusted);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAGroupWithoutMarks_WhenWhatTheyRestOnIsGone_ThenItStays() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        ContentEngine engine = new();
        using GroupBed bed = new(mount, engine);
        WatchedGroup group = bed.Follow();

        engine.Load(Infected);
        Tool.Run("head", "-c", "1", mount.Image);
        group.RequestReplacement(ReplacementReason.LostNotices);
        Thread.Sleep(100);

        Assert.True(bed.Groups.Replace());
        Assert.Same(group, bed.Follow());
        Assert.True(group.TryPrepareMark());
    });

    [Theory(Timeout = 60_000)]
    [InlineData("before", 2)]
    [InlineData("opened", 3)]
    [InlineData("marked", 3)]
    [InlineData("twice", 4)]
    public Task GivenAWorkerThatDies_WhenItWasReplacingAGroup_ThenTheNextOneEndsIt(string moment, int most) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Infected);
        using GroupBed bed = new(mount, new ContentEngine(Infected));
        Mark(bed.Follow(), path);
        if (moment == "opened")
        {
            bed.OpenAnother();
        }
        else if (moment != "before")
        {
            Replace(bed);
        }

        if (moment == "twice")
        {
            // The second has marks as well, so none of the two will do.
            Mark(bed.Current, path);
        }

        bed.Restart();
        Assert.True(moment == "marked" || Open(path).Output == Infected);
        bed.Follow();

        Assert.True(Open(path).WasDenied);
        Assert.InRange(bed.Keeper.Open.Count, 1, most);
        Assert.True(bed.Current.TryPrepareMark());
        int reasons = moment == "twice" ? 2 : 1;
        Assert.Equal(reasons, bed.Rooms.Tools.Replacements[ReplacementReason.NewWorker]);
        AssertAlone(bed);
        Assert.True(Open(path).WasDenied);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenNoRoomForAGroup_WhenOneIsToBeReplaced_ThenItGoesOnAndIsReplacedOnceThereIs() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Infected);
        string other = mount.Write("other", Infected);
        using GroupBed bed = new(mount, new ContentEngine(Infected));
        WatchedGroup old = bed.Follow();
        Mark(old, path);
        bed.Keeper.IsRefusing = true;

        old.RequestReplacement(ReplacementReason.LostNotices);
        Assert.False(bed.Groups.Replace());
        Assert.Single(bed.Groups.Reconcile());

        Assert.Same(old, bed.Current);
        Assert.False(old.TryPrepareMark());
        Assert.True(Open(other).WasDenied);
        Assert.Equal(0, bed.Rooms.Tools.Replacements[ReplacementReason.LostNotices]);

        bed.Keeper.IsRefusing = false;
        bed.Follow();
        Assert.True(Open(path).WasDenied);
        AssertReplaced(bed, old, ReplacementReason.LostNotices);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAPlaceThatIsNoLongerWatched_WhenItIsAgain_ThenNoOldMarkIsInForce() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Infected);
        string elsewhere = mount.Bind();
        using GroupBed bed = new(mount, new ContentEngine(Infected));
        WatchedGroup old = bed.Follow();
        Mark(old, path);

        // Mounted elsewhere only, it is below no watched directory.
        Tool.Run("umount", mount.Root);
        _ = bed.Groups.Reconcile();
        Assert.True(old.IsLeaving);
        Assert.True(bed.Groups.Replace());
        Tool.Run("mount", "--bind", elsewhere, mount.Root);
        _ = bed.Groups.Reconcile();

        Assert.True(Open(path).WasDenied);
        AssertReplaced(bed, old, ReplacementReason.WatchedAgain);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenReplacementsWithoutEnd_WhenTheOldGroupsStillLeave_ThenFewAreOpenAtATime() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Clean);
        using GroupBed bed = new(mount);
        bed.Follow();
        int replaced = 0;
        int most = 0;
        Stopwatch time = Stopwatch.StartNew();
        while (time.Elapsed < TimeSpan.FromSeconds(3))
        {
            WatchedGroup group = bed.Current;
            if (group.TryPrepareMark())
            {
                Mark(group, path);
                group.RequestReplacement(ReplacementReason.LostNotices);
            }

            replaced += bed.Groups.Replace() ? 1 : 0;
            most = Math.Max(most, bed.Keeper.Open.Count);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{replaced} looks without failure, {most} groups at most");

        // Those that are just being closed come on top.
        Assert.InRange(most, 2, 2 * 9);
        Assert.InRange(bed.Rooms.Tools.Replacements[ReplacementReason.LostNotices], 9, int.MaxValue);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenADirectoryThatIsWatched_WhenItsGroupIsReplaced_ThenItsRenamingsAreFollowedOn() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        Directory.CreateDirectory(mount["in"]);
        string path = mount.Write("in/file", Infected);
        string outside = mount.Write("outside", Infected);
        File.SetLastWriteTimeUtc(outside, DateTime.UnixEpoch);
        using GroupBed bed = new(mount, new ContentEngine(Infected), "/in");
        WatchedGroup old = bed.Follow();
        int groups = CountGroups();
        Assert.False(old.MayHaveRenamed);

        for (int round = 0; round < 3; round++)
        {
            Mark(bed.Current, path);
            Replace(bed);
            Assert.False(bed.Current.MayHaveRenamed);
            AssertAlone(bed);
        }

        Assert.Equal(groups, CountGroups());
        File.Move(outside, mount["moved"]);
        Assert.True(bed.Current.MayHaveRenamed);
    });

    /// <summary>Has an open pass unasked, as whoever knows the file to be clean does.</summary>
    private static void Mark(WatchedGroup group, string path)
    {
        Assert.True(group.TryPrepareMark());
        using Descriptor file = Descriptor.OpenRead(path);
        Assert.Equal(Errno.None, group.Fanotify.TryPassUnasked(file.Content));
    }

    private static void Replace(GroupBed bed)
    {
        WatchedGroup old = bed.Current;
        old.RequestReplacement(ReplacementReason.LostNotices);
        Assert.True(bed.Groups.Replace());
        Assert.NotSame(old, bed.Current);
    }

    /// <summary>Opens a file as somebody who is asked about.</summary>
    private static OpenerResult Open(string path)
    {
        using Opener opener = Opener.Start("/usr/bin/unshare", "-m", "cat", path);
        return opener.Result();
    }

    private static void AwaitRequest(GroupBed bed)
    {
        using Poller poller = Poller.Create();
        poller.Add(bed.Rooms.Tools.Replacements.Requested, 1);
        Assert.Equal(1, poller.Wait(PromptMilliseconds));
    }

    private static void AssertReplaced(GroupBed bed, WatchedGroup old, ReplacementReason reason)
    {
        Assert.NotSame(old, bed.Current);
        Assert.Equal(1, bed.Rooms.Tools.Replacements[reason]);
        Assert.Same(old, bed.Groups.Find(old.Index));
        AssertAlone(bed);
        Assert.Null(bed.Groups.Find(old.Index));
        Assert.False(bed.Rooms.Journal.Group(old.Index).IsOpen);
    }

    /// <summary>Waits for all groups but the one in force to be closed, in both processes.</summary>
    private static void AssertAlone(GroupBed bed) => Assert.True(
        SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                return bed.Groups.Replace() && bed.Keeper.Open.SequenceEqual([bed.Current.Index]);
            },
            20_000),
        string.Join(", ", bed.Keeper.Open));

    private static int CountGroups() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
        .Count(entry => entry.LinkTarget?.Contains("fanotify", StringComparison.Ordinal) == true);
}
