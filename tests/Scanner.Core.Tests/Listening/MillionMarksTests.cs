using System.Diagnostics;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>A group with as many marks as a large machine has files in memory.</summary>
[Collection(MarksCollection.Name)]
public sealed class MillionMarksTests
{
    private const int Files = 1_000_000;
    private const int Directories = Files / 1000;
    private const int Seconds = 12;

    private static readonly TimeSpan s_inForce = TimeSpan.FromSeconds(2);

    /// <summary>More than any of the kernel's work on a million marks takes together.</summary>
    private static readonly TimeSpan s_answered = TimeSpan.FromSeconds(2);

    [Fact(Timeout = 300_000)]
    public Task GivenAMillionMarks_WhenTheirGroupIsReplaced_ThenTheNewOneIsInForceSoonAndOthersAreAnswered() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Tool.Run(NativeProgram.Path("many_files"), mount.Root, $"{Files}");
        string[] clean = [mount.Write("clean", "clean"), mount.Write("clean too", "clean")];
        string[] infected = [mount.Write("infected", "infected")];
        string stale = mount.Write("0/0", "infected");
        using GroupBed bed = new(mount, new ContentEngine("infected"));
        WatchedGroup old = bed.Follow();
        Assert.True(old.TryPrepareMark());
        Parallel.For(0, Directories, directory =>
        {
            for (int i = 0; i < 1000; i++)
            {
                using Descriptor file = Descriptor.OpenRead(mount[$"{directory}/{i}"]);
                Assert.Equal(Errno.None, old.Fanotify.TryPassUnasked(file.Content));
            }
        });
        using (Opener passing = Open(stale))
        {
            Assert.Equal("infected", passing.Result().Output);
        }

        using OpenerLoop openers = new(openers: 2, Seconds, clean, infected);
        Stopwatch time = Stopwatch.StartNew();
        old.RequestReplacement(ReplacementReason.LostNotices);
        Assert.True(bed.Groups.Replace());
        TimeSpan inForce = time.Elapsed;
        using (Opener asked = Open(stale))
        {
            Assert.True(asked.Result().WasDenied);
        }

        Assert.True(SpinWait.SpinUntil(() => !old.Fanotify.Marks(bed.Rooms.Root, mount.RootPath), 60_000));
        TimeSpan silent = time.Elapsed;

        // As the thread of the mounts does; a look must not take long either.
        TimeSpan longestLook = TimeSpan.Zero;
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                Thread.Sleep(20);
                Stopwatch look = Stopwatch.StartNew();
                Assert.Empty(bed.Groups.Reconcile());
                longestLook = look.Elapsed > longestLook ? look.Elapsed : longestLook;
                return bed.Keeper.Open.Count == 1;
            },
            60_000));
        TimeSpan longest = openers.AssertAllRight();

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"in force after {inForce.TotalMilliseconds:F1} ms, the old one silent after {silent.TotalMilliseconds:F0} ms; "
            + $"closing took {bed.Keeper.LastClosing.TotalMilliseconds:F0} ms; longest look {longestLook.TotalMilliseconds:F1} ms, "
            + $"longest open {longest.TotalMilliseconds:F1} ms");
        Assert.InRange(inForce, TimeSpan.Zero, s_inForce);
        Assert.InRange(longest, TimeSpan.Zero, s_answered);
    });

    private static Opener Open(string path) => Opener.Start("/usr/bin/unshare", "-m", "cat", path);
}
