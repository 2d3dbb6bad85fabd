using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>Workers that keep dying, or do not get ready: the crash action decides until one does.</summary>
public sealed class CrashBudgetTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _dying = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan _recovery = TimeSpan.FromSeconds(60);

    [Theory(Timeout = 180_000)]
    [InlineData("strict", "NO OPENS")]
    [InlineData("available", "PROTECTION IS OFF")]
    public async Task GivenWorkersThatAreKilledAsSoonAsTheyStart_WhenFilesAreOpened_ThenTheCrashActionAnswers(
        string profile, string alert)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(
            FileSystemKind.Ext4, "--profile", profile, "--deadline", "2s", "--crash-deaths", "3");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        using CancellationTokenSource end = new(_dying);
        Task killing = KillAllAsync(watched.Scanner, end.Token);
        await Poll.UntilAsync(_dying, () => watched.Scanner.Error.ToString().Contains(alert, StringComparison.Ordinal));
        bool isStrict = profile == "strict";
        int answered = 0;
        TimeSpan longest = TimeSpan.Zero;
        while (!end.IsCancellationRequested)
        {
            Stopwatch clock = Stopwatch.StartNew();
            string ofInfected = (await Opener.RunAsync("open", infected)).Line;
            string ofClean = (await Opener.RunAsync("open", clean)).Line;
            longest = clock.Elapsed > longest ? clock.Elapsed : longest;
            answered++;

            // No worker lives for long enough to find anything clean; with allow one might find the virus.
            Assert.Equal(isStrict ? OpenerResult.Denied : OpenerResult.Content(Samples.CleanText), ofClean);
            Assert.True(!isStrict || ofInfected == OpenerResult.Denied, ofInfected);
        }

        await killing;
        output.WriteLine($"{answered} pairs answered without a worker, longest {longest.TotalMilliseconds:F0} ms");
        Assert.True(answered > 3, $"only {answered} answers:\n{watched.Scanner}");
        Assert.Contains(alert, watched.Scanner.Error.ToString(), StringComparison.Ordinal);
        await AssertProtectsAgainAsync(watched, infected, clean);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAWorkerThatDoesNotGetReady_WhenTheBudgetIsSpent_ThenItIsKilledAndAnotherProtects()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(
            FileSystemKind.Ext4, "--profile", "strict", "--deadline", "2s", "--crash-budget", "2s");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        int first = await watched.Scanner.WorkerAsync();
        Signals.Kill(first);
        int second = first;
        await Poll.UntilAsync(_recovery, () => (second = watched.Scanner.TryFindWorker()) != 0 && second != first);
        Signals.Stop(second);

        bool killed = await Poll.UntilAsync(_recovery, () => !ProcessTable.IsAlive(second));

        Assert.True(killed, watched.Scanner.ToString());
        await AssertProtectsAgainAsync(watched, infected, clean);
    }

    private static async Task KillAllAsync(ScannerProcess scanner, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            if (scanner.TryFindWorker() is int worker and not 0)
            {
                Signals.Kill(worker);
            }

            await Task.Delay(10, CancellationToken.None);
        }
    }

    private static async Task AssertProtectsAgainAsync(WatchedFileSystem watched, string infected, string clean)
    {
        bool isClean = await Poll.UntilAsync(
            _recovery,
            async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText)
                && (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);
        Assert.True(isClean, $"protection did not come back:\n{watched.Scanner}");
    }
}
