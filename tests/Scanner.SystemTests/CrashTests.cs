using System.Diagnostics;
using System.Text;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>Killed, stopped or ended: nothing infected is let through, and nobody is left waiting.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Openers = 200;
    private const int Kills = 6;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _answerAfterDeadline = TimeSpan.FromMilliseconds(100);

    /// <summary>Generous: starting a runtime beside 200 busy openers on two cores.</summary>
    private static readonly TimeSpan _restart = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan _released = TimeSpan.FromSeconds(2);

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenManyOpeners_WhenTheWorkerIsKilledAtRandomMoments_ThenNothingInfectedIsOpened(
        FileSystemKind kind)
    {
        await using WatchedFileSystem watched = await StartStrictAsync(kind);

        LoadResult result = await KillUnderLoadAsync(watched);

        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + _answerAfterDeadline + _restart);
        await AssertRecoversAsync(watched);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenADaemonThatStoodStillAsAWhole_WhenItGoesOn_ThenItsWorkerIsNotKilled()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        int worker = await watched.Scanner.WorkerAsync();

        // As when a virtual machine is moved.
        Signals.Stop(watched.Scanner.SupervisorId);
        Signals.Stop(worker);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        Signals.Continue(watched.Scanner.SupervisorId);
        await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        Signals.Continue(worker);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        Assert.Equal(worker, await watched.Scanner.WorkerAsync());
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
    }

    [Fact(Timeout = 180_000)]
    public async Task GivenAJournalThatIsNotUsed_WhenTheWorkerIsKilledAtRandomMoments_ThenOpenersHangOrGetWrongAnswers()
    {
        // The same load and the same kills: without what is tested above they must show a failure.
        await using WatchedFileSystem watched = await StartStrictAsync(FileSystemKind.Ext4, "--fault", "journal");

        LoadResult result = await KillUnderLoadAsync(watched);

        output.WriteLine(result.Line);
        Assert.True(result.Hung > 0 || result.InfectedAllowed > 0 || result.Other > 0, result.Line);
    }

    [Theory(Timeout = 180_000)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task GivenOpenersThatAllWait_WhenTheWorkerIsKilled_ThenEachIsAnsweredAndNothingInfectedIsOpened(
        int round)
    {
        // Stopped first, so that what it has read and what it has not are both still open when it dies.
        await using WatchedFileSystem watched = await StartStrictAsync(FileSystemKind.Ext4);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 50);
        int worker = await watched.Scanner.WorkerAsync();
        using Opener flood = Opener.Start(TimeSpan.FromSeconds(60), "flood", $"{Openers}", list, "20");
        await flood.BegunAsync();
        Signals.Stop(worker);
        await Task.Delay(TimeSpan.FromMilliseconds(100 * round), TestContext.Current.CancellationToken);

        Signals.Kill(worker);

        LoadResult result = LoadResult.From(await flood.ResultAsync());
        Assert.Equal(Openers, result.Opens);
        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + _answerAfterDeadline + _restart);
        await AssertRecoversAsync(watched);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAnUnrelatedOpener_WhenTheWorkerIsKilled_ThenItsLongestWaitIsShort()
    {
        await using WatchedFileSystem watched = await StartStrictAsync(FileSystemKind.Ext4);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string list = watched.Mount.Work.Write("list", Encoding.UTF8.GetBytes($"c {clean}\n"));
        using Opener load = Opener.Start(TimeSpan.FromSeconds(40), "loop", "1", "6", list, "10");
        await load.BegunAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        Signals.Kill(await watched.Scanner.WorkerAsync());

        LoadResult result = LoadResult.From(await load.ResultAsync());
        // The aim is below one second; the bound is what is promised.
        Console.WriteLine(
            $"longest wait of an unrelated open across a worker kill: {result.LongestWait.TotalMilliseconds:F0} ms");
        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + _answerAfterDeadline + _restart);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("strict")]
    [InlineData("available")]
    public async Task GivenAStoppedWorker_WhenFilesAreOpened_ThenTheDeadlineIsKept(string profile)
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", profile, "--deadline", "2s");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 10);
        int worker = await watched.Scanner.WorkerAsync();

        Signals.Stop(worker);
        LoadResult result = await LoadFiles.FloodAsync(list, 40, TimeSpan.FromSeconds(20));
        Signals.Continue(worker);

        output.WriteLine(result.Line);
        Assert.True(result.Hung == 0 && result.Other == 0 && result.Opens == 40, result.Line);
        Assert.True(profile == "available" || result.InfectedAllowed == 0, result.Line);
        Assert.True(profile == "strict" || result.CleanDenied == 0, result.Line);
        // No restart in this bound: the keeper answers, whatever the worker does.
        result.AssertNoWaitBeyond(_deadline + _answerAfterDeadline + TimeSpan.FromMilliseconds(400));
        await AssertRecoversAsync(watched);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenOpenersThatWait_WhenTheSupervisorIsKilled_ThenTheyAreReleasedAndTheWorkerEnds()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", "--deadline", "30s");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 10);
        int worker = await watched.Scanner.WorkerAsync();
        Signals.Stop(worker);
        using Opener flood = Opener.Start(TimeSpan.FromSeconds(40), "flood", "50", list, "20");
        await flood.BegunAsync();
        await flood.BlockedAsync();

        Stopwatch clock = Stopwatch.StartNew();
        Signals.Kill(watched.Scanner.SupervisorId);
        LoadResult result = LoadResult.From(await flood.ResultAsync());

        Assert.True(clock.Elapsed < _released, $"openers waited for another {clock.Elapsed}");
        Assert.True(result.Hung == 0 && result.Other == 0, result.Line);
        Assert.True(
            await Poll.UntilAsync(_released - clock.Elapsed, () => !ProcessTable.IsAlive(worker)),
            "the worker outlives its supervisor");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GivenARunningDaemonUnderLoad_WhenItIsStopped_ThenNothingIsLeftBehind(bool interrupt)
    {
        // Other daemons of this machine may have something there.
        string[] filesBefore = RunFiles();
        IReadOnlyList<string> mountsBefore = MountTable.AtOrBelow("/run/scanner");
        await using WatchedFileSystem watched = await StartStrictAsync(FileSystemKind.Ext4);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 10);
        int worker = await watched.Scanner.WorkerAsync();
        using Opener load = Opener.Start(TimeSpan.FromSeconds(40), "loop", "20", "4", list, "10");
        await load.BegunAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        Action<int> stop = interrupt ? Signals.Interrupt : Signals.Terminate;
        stop(watched.Scanner.SupervisorId);
        int exitCode = await watched.Scanner.ExitAsync();

        LoadResult result = LoadResult.From(await load.ResultAsync());
        Assert.Equal(0, exitCode);
        // Once nobody watches, infected files open; but nobody waits for an answer that will not come.
        Assert.True(result.Hung == 0 && result.Other == 0 && result.CleanDenied == 0, result.Line);
        Assert.False(ProcessTable.IsAlive(worker), "the worker is still there");
        Assert.Equal(mountsBefore, MountTable.AtOrBelow("/run/scanner"));
        Assert.Equal(filesBefore, RunFiles());
        CommandResult umount = await LoopMount.DetachAsync(watched.Mount.Path);
        umount.AssertSucceeded();
        Assert.True(
            await Poll.UntilAsync(_released, watched.Mount.IsReleasedAsync), "the file system is still in use");
    }

    private static async Task<WatchedFileSystem> StartStrictAsync(FileSystemKind kind, params string[] options) =>
        await WatchedFileSystem.StartAsync(
            kind,
            ["--profile", "strict", "--deadline", $"{(int)_deadline.TotalSeconds}s", "--crash-deaths", "100", .. options]);

    private async Task<LoadResult> KillUnderLoadAsync(WatchedFileSystem watched)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 50);
        using Opener load = Opener.Start(TimeSpan.FromSeconds(90), "loop", $"{Openers}", "20", list, "20");
        await load.BegunAsync();
        for (int i = 0; i < Kills; i++)
        {
            int worker = await watched.Scanner.WorkerAsync();
            // From the middle of the runtime's start to long after the recovery.
            await Task.Delay(random.Next(5, 3_000), TestContext.Current.CancellationToken);
            Signals.Kill(worker);
            output.WriteLine($"killed worker {worker}");
            await Poll.UntilAsync(_restart, () => !ProcessTable.IsAlive(worker));
        }

        return LoadResult.From(await load.ResultAsync());
    }

    private static string[] RunFiles() =>
        Directory.Exists("/run/scanner")
            ? [.. Directory.GetFiles("/run/scanner", "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>After repeated crashes the daemon may wait before it tries again, but it does not give up.</summary>
    private static async Task AssertRecoversAsync(WatchedFileSystem watched)
    {
        string clean = await WriteInTheEndAsync(watched, "recovered-clean", Samples.CleanText);
        string infected = await WriteInTheEndAsync(watched, "recovered-infected", Samples.Eicar);
        bool allowed = await Poll.UntilAsync(
            TimeSpan.FromSeconds(30),
            async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText));

        Assert.True(allowed, $"clean files are still refused after the restart:\n{watched.Scanner}");
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
    }

    /// <summary>Under strict, creating a file is refused as well for as long as nobody can decide.</summary>
    private static async Task<string> WriteInTheEndAsync(WatchedFileSystem watched, string name, byte[] content)
    {
        string path = watched.Mount.In(name);
        bool written = await Poll.UntilAsync(TimeSpan.FromSeconds(30), async () =>
            (await Opener.TryPutAsync(path, content)).Line == OpenerResult.Content(content));
        Assert.True(written, $"no file can be created after the restart:\n{watched.Scanner}");
        return path;
    }
}
