using System.Diagnostics;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>Groups are replaced while files are opened: each open gets the answer that it would have had.</summary>
[Collection(MarksCollection.Name)]
public sealed class ReplacementUnderLoadTests
{
    private const string Clean = "clean";
    private const string Infected = "infected";
    private const int Pairs = 8;
    private const int Openers = 4;
    private const int Seconds = 6;

    [Theory(Timeout = 120_000)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public Task GivenOpenersWithoutEnd_WhenGroupsAreReplacedAllTheTime_ThenEachAnswerIsRight(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        List<string> clean = [.. Enumerable.Range(0, Pairs).Select(i => mount.Write($"clean{i}", $"{Clean} {i}"))];
        List<string> infected = [.. Enumerable.Range(0, Pairs).Select(i => mount.Write($"infected{i}", $"{Infected} {i}"))];
        ContentEngine engine = new(Infected);
        using GroupBed bed = new(mount, engine);
        bed.Follow();
        List<Descriptor> files = [.. clean.Select(Descriptor.OpenRead)];
        using OpenerLoop openers = new(Openers, Seconds, clean, infected);

        List<TimeSpan> times = [];
        Stopwatch time = Stopwatch.StartNew();
        while (time.Elapsed < TimeSpan.FromSeconds(Seconds))
        {
            WatchedGroup old = bed.Current;
            if (old.TryPrepareMark())
            {
                files.ForEach(file => Assert.Equal(Errno.None, old.Fanotify.TryPassUnasked(file.Content)));
            }

            Stopwatch replacing = Stopwatch.StartNew();
            engine.Load(Infected);
            if (bed.Groups.Replace() && bed.Current != old)
            {
                times.Add(replacing.Elapsed);
            }
        }

        openers.AssertAllRight();
        files.ForEach(file => file.Dispose());
        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{times.Count} replacements, in force after {times[times.Count / 2].TotalMilliseconds:F1} ms (median), "
            + $"{times[^1].TotalMilliseconds:F1} ms at most");
        Assert.InRange(times.Count, 5, int.MaxValue);
    });

    /// <summary>The one that waits in the old group is answered there, and until then the old group stays.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(Clean)]
    [InlineData(Infected)]
    public Task GivenAnOpenThatWaits_WhenItsGroupIsReplaced_ThenLaterOnesAreAskedByTheNewGroup(string content) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", content);
        string other = mount.Write("other", Clean);
        using ManualResetEventSlim gate = new();
        using GroupBed bed = new(mount, new ContentEngine(Infected) { OnScan = gate.Wait });
        try
        {
            WatchedGroup old = bed.Follow();
            Mark(old, other);
            using Opener first = Start(path);
            AssertWaits(bed, old);

            old.RequestReplacement(ReplacementReason.LostNotices);
            Assert.True(bed.Groups.Replace());

            // Until then both are asked, in any order.
            Assert.True(SpinWait.SpinUntil(() => !old.Fanotify.Marks(bed.Rooms.Root, mount.RootPath), 10_000));
            using Opener second = Start(path);
            AssertWaits(bed, bed.Current);
            using Opener third = Start(other);

            // Much longer than an old group stays that has no event.
            Thread.Sleep(500);
            Assert.True(bed.Groups.Replace());
            Assert.Same(old, bed.Groups.Find(old.Index));
            Assert.False(first.EndsWithin(0) || second.EndsWithin(0) || third.EndsWithin(0));
            gate.Set();

            Assert.Equal(content == Infected, first.Result().WasDenied);
            Assert.Equal(content == Infected, second.Result().WasDenied);
            Assert.Equal(Clean, third.Result().Output);
            Assert.True(SpinWait.SpinUntil(() => bed.Groups.Replace() && bed.Groups.Find(old.Index) is null, 5_000));
        }
        finally
        {
            gate.Set();
        }
    });

    /// <summary>It holds on to the old group's mark, and closing that group would wait for it.</summary>
    [Fact(Timeout = 60_000)]
    public Task GivenAnOpenThatWaitsInTheNewGroup_WhenItHasComeByTheOldOne_ThenThatStaysUntilItIsAnswered() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", Clean);
        using ManualResetEventSlim gate = new();
        using GroupBed bed = new(mount, new ContentEngine(Infected) { OnScan = gate.Wait });
        bed.Follow();
        WatchedGroup old = bed.Rooms.Group(FilesystemKind.Local, index: 9);
        Mark(old, path);
        using Opener waiting = Start(path);
        AssertWaits(bed, bed.Current);

        using LeavingGroup leaving = new(old, TimeSpan.FromMilliseconds(100));
        try
        {
            // Not even begun to be closed, which would take as long.
            Assert.False(SpinWait.SpinUntil(() => leaving.IsGone || old.Fanotify.IsClosed, 1_500));
        }
        finally
        {
            gate.Set();
        }

        Assert.True(SpinWait.SpinUntil(() => leaving.IsGone, 5_000));
        Assert.Equal(Clean, waiting.Result().Output);
    });

    private static void Mark(WatchedGroup group, string path)
    {
        Assert.True(group.TryPrepareMark());
        using Descriptor file = Descriptor.OpenRead(path);
        Assert.Equal(Errno.None, group.Fanotify.TryPassUnasked(file.Content));
    }

    private static Opener Start(string path) => Opener.Start("/usr/bin/unshare", "-m", "cat", path);

    private static void AssertWaits(GroupBed bed, WatchedGroup group) =>
        Assert.True(SpinWait.SpinUntil(() => bed.Rooms.Waiting.Any(group.Index), 5_000));
}
