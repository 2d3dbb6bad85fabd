using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// A worker that SIGKILL does not end: one of its threads waits in the kernel for a FUSE server, for as long as that
/// likes.
/// </summary>
public sealed class HungWorkerTests
{
    private const string User = "60001";

    private static readonly TimeSpan _hanging = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    [Theory(Timeout = 120_000)]
    [InlineData("strict", "NO OPENS")]
    [InlineData("available", "PROTECTION IS OFF")]
    public async Task GivenAWorkerThatCannotBeKilled_WhenFilesAreOpened_ThenTheCrashActionAnswersUntilItEnds(
        string profile, string alert)
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", profile, "--deadline", "2s");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        await using (StalledMount stalled = await StallAsync(watched))
        {
            await KillInVainAsync(watched.Scanner);

            bool isTold = await Poll.UntilAsync(
                _limit, () => watched.Scanner.Error.ToString().Contains(alert, StringComparison.Ordinal));
            Assert.True(isTold, watched.Scanner.ToString());
            string expected = profile == "strict" ? OpenerResult.Denied : OpenerResult.Content(Samples.CleanText);
            Assert.Equal(expected, (await Opener.RunAsync("open", clean)).Line);
        }

        bool isProtected = await Poll.UntilAsync(
            _limit,
            async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText)
                && (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);
        Assert.True(isProtected, watched.Scanner.ToString());
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAWorkerThatCannotBeKilled_WhenTheDaemonIsStopped_ThenItEndsAndNobodyIsAsked()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", "--deadline", "2s");
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        await using StalledMount stalled = await StallAsync(watched);
        await KillInVainAsync(watched.Scanner);
        bool isNoticed = await Poll.UntilAsync(
            _limit, () => watched.Scanner.Error.ToString().Contains("does not answer", StringComparison.Ordinal));
        Assert.True(isNoticed, watched.Scanner.ToString());

        Assert.NotEqual(0, await watched.Scanner.StopAsync());

        // Its groups are still open in the worker.
        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await Opener.RunAsync("open", clean)).Line);
    }

    /// <summary>Mounts a file system whose server does not answer reads, and has one of its files opened.</summary>
    private static async Task<StalledMount> StallAsync(WatchedFileSystem watched)
    {
        StalledMount stalled = await StalledMount.MountAsync(watched.Mount.Subdirectory("stalled"), User, "read");
        await Task.Delay(_hanging, TestContext.Current.CancellationToken);
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(10), "open", $"{stalled.Path}/file");
        await Task.Delay(_hanging, TestContext.Current.CancellationToken);
        opener.Kill();
        return stalled;
    }

    private static async Task KillInVainAsync(ScannerProcess scanner)
    {
        int worker = await scanner.WorkerAsync();
        Signals.Kill(worker);
        await Task.Delay(_hanging, TestContext.Current.CancellationToken);
        Assert.True(ProcessTable.HasThreads(worker), "the worker does not hang");
    }
}
