using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Sleep;

/// <summary>The system sleeps when those who wait have their answers, and not much later than it wants to.</summary>
public sealed class SleepTests(ITestOutputHelper output)
{
    private const string NotDelaying = "sleeps without waiting for answers";

    /// <summary>What logind waits by default (InhibitDelayMaxSec).</summary>
    private static readonly TimeSpan _mostDelay = TimeSpan.FromSeconds(5);

    /// <summary>What a call to logind takes at least where it hangs, and a moment less.</summary>
    private static readonly TimeSpan _call = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan _scan = TimeSpan.FromSeconds(2);

    [Fact(Timeout = 90_000)]
    public async Task GivenOpensThatWait_WhenTheSystemIsAboutToSleep_ThenItDoesWhenTheyAreAnsweredAndNotBefore()
    {
        await using PrivateBus bus = await PrivateBus.StartAsync();
        using FakeLogind logind = await FakeLogind.StartAsync(bus);
        await using FakeClamd engine = await FakeClamd.StartAsync("right", _scan);
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string[] files = [await watched.Mount.WriteAsync("a", [1]), await watched.Mount.WriteAsync("b", [2])];
        await StartAsync(watched, bus, engine, "10s");
        await logind.GivenReachesAsync(1);
        Opener[] openers = [.. files.Select(file => Opener.Start(TimeSpan.FromSeconds(20), "open", file))];
        Stopwatch opened = Stopwatch.StartNew();
        await openers[0].BlockedAsync();
        await openers[1].BlockedAsync();

        logind.Sleep();
        Assert.True(await Poll.UntilAsync(_mostDelay, () => logind.Released == 1), watched.Scanner.ToString());
        TimeSpan released = opened.Elapsed;
        string[] results = [(await openers[0].ResultAsync()).Line, (await openers[1].ResultAsync()).Line];
        TimeSpan answered = opened.Elapsed;

        output.WriteLine($"released after {released.TotalSeconds:F3} s, all ended after {answered.TotalSeconds:F3} s");
        Assert.Equal([OpenerResult.Content([1]), OpenerResult.Content([2])], results);
        Assert.True(released > 0.8 * _scan, $"the system slept after {released}");
        Assert.True(answered - released < TimeSpan.FromMilliseconds(500), $"{answered} against {released}");

        logind.Wake();
        await logind.GivenReachesAsync(2);
        Assert.Equal(1, logind.Released);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenAnOpenThatIsNotAnswered_WhenTheSystemIsAboutToSleep_ThenItIsAnsweredAsAtItsDeadline()
    {
        await using PrivateBus bus = await PrivateBus.StartAsync();
        using FakeLogind logind = await FakeLogind.StartAsync(bus);
        await using FakeClamd engine = await FakeClamd.StartAsync("never");
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = await watched.Mount.WriteAsync("file", Samples.CleanText);
        await StartAsync(watched, bus, engine, "60s");
        await logind.GivenReachesAsync(1);
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(30), "open", file);
        await opener.BlockedAsync();

        logind.Sleep();
        bool released = await Poll.UntilAsync(_mostDelay, () => logind.Released == 1);
        OpenerResult result = await opener.ResultAsync();

        Assert.True(released, watched.Scanner.ToString());
        Assert.Equal(OpenerResult.Denied, result.Line);
        Assert.True(result.Elapsed < _mostDelay, $"{result.Elapsed}");
        bool told = await Poll.UntilAsync(
            _mostDelay,
            () => watched.Scanner.Output.Records.Select(Decision.From)
                .Any(one => one?.Path == file && one?.Reason == ClamdCase.DeadlinePassed));
        Assert.True(told, watched.Scanner.ToString());

        // The worker is the same: an event that it had claimed at that moment is no event that it does not answer.
        Assert.DoesNotContain("starting another", watched.Scanner.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenALogindThatIsStartedAnew_WhenItHasItsName_ThenItIsAskedAgain()
    {
        await using PrivateBus bus = await PrivateBus.StartAsync();
        using FakeLogind first = await FakeLogind.StartAsync(bus);
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        await watched.StartScannerAsync(bus.Prefix);
        await first.GivenReachesAsync(1);

        first.End();
        using FakeLogind second = await FakeLogind.StartAsync(bus);

        await second.GivenReachesAsync(1);
        second.Sleep();
        Assert.True(await Poll.UntilAsync(_mostDelay, () => second.Released == 1), watched.Scanner.ToString());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenSomebodyElseOnTheBus_WhenItSaysThatTheSystemIsAboutToSleep_ThenItIsNotBelieved()
    {
        await using PrivateBus bus = await PrivateBus.StartAsync();
        using FakeLogind logind = await FakeLogind.StartAsync(bus);
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        await watched.StartScannerAsync(bus.Prefix);
        await logind.GivenReachesAsync(1);

        await logind.ForgeAsync();

        // The forged signal has come before the real one does.
        Assert.False(await Poll.UntilAsync(TimeSpan.FromSeconds(1), () => logind.Released > 0), "it was believed");
        logind.Sleep();
        Assert.True(await Poll.UntilAsync(_mostDelay, () => logind.Released == 1), watched.Scanner.ToString());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenALogindThatHangs_WhenStartedAndStopped_ThenNeitherWaitsForIt()
    {
        await using PrivateBus bus = await PrivateBus.StartAsync();
        using FakeLogind logind = await FakeLogind.StartAsync(bus);
        logind.Hang();
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);

        await watched.StartScannerAsync(bus.Prefix);
        bool hasGivenUp = watched.Scanner.Error.ToString().Contains(NotDelaying, StringComparison.Ordinal);
        Stopwatch clock = Stopwatch.StartNew();
        int exitCode = await watched.Scanner.StopAsync();

        Assert.False(hasGivenUp, "it is ready only after logind was given up");
        Assert.Equal(0, exitCode);
        Assert.True(clock.Elapsed < _call, $"stopped after {clock.Elapsed}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenNoBus_WhenFilesAreOpened_ThenTheyAreDecidedOnAndTheLackIsToldOnce()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        await watched.StartScannerAsync(PrivateBus.PrefixOf($"unix:path={watched.Mount.Work.In("no-bus")}"));
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);

        // It is tried again meanwhile.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Assert.Single(watched.Scanner.Error.Lines, line => line.Contains(NotDelaying));
        Assert.Equal(0, await watched.Scanner.StopAsync());
    }

    private static Task StartAsync(WatchedFileSystem watched, PrivateBus bus, FakeClamd engine, string deadline) =>
        watched.StartScannerAsync(
            bus.Prefix, $"clamd:{engine.SocketPath}", ["--profile", "strict", "--deadline", deadline]);
}
