using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A planned restart: worker, program and supervisor change, and no open is lost, denied or let through.</summary>
public sealed class HandoverTests(ITestOutputHelper output)
{
    private const int Handovers = 4;

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenManyOpeners_WhenTheDaemonHandsOverAgainAndAgain_ThenEveryAnswerIsRight(FileSystemKind kind)
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(kind, "--profile", "strict", "--deadline", "20s", "--cache", "none");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 50);
        using Opener load = Opener.Start(TimeSpan.FromSeconds(90), "loop", "40", "12", list, "30");
        await load.BegunAsync();

        for (int i = 0; i < Handovers; i++)
        {
            await Task.Delay(Random.Shared.Next(200, 1_500), TestContext.Current.CancellationToken);
            await HandOverAsync(watched.Scanner);
        }

        LoadResult result = LoadResult.From(await load.ResultAsync());
        output.WriteLine(result.Line);
        result.AssertAllRight();
        Assert.False(watched.Scanner.HasExited);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenANewProgramInItsPlace_WhenTheDaemonHandsOver_ThenBothProcessesRunIt()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string installed = await InstallAsync(watched.Mount.Work);
        await watched.StartScannerAsync(
            ["/bin/sh", "-c", "shift; exec \"$0\" \"$@\"", Path.Combine(installed, "scannerd")], "--profile", "strict");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Directory.Move(installed, installed + ".old");
        Assert.Equal(installed, await InstallAsync(watched.Mount.Work));

        await HandOverAsync(watched.Scanner);

        Assert.Equal(Path.Combine(installed, "scannerd"), ProgramOf(watched.Scanner.SupervisorId));
        Assert.Equal(Path.Combine(installed, "scannerd"), ProgramOf(await watched.Scanner.WorkerAsync()));
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Assert.Equal(0, await watched.Scanner.StopAsync());
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenNoProgramInItsPlace_WhenTheDaemonHandsOver_ThenItGoesOnUntilThereIsOneAgain()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string installed = await InstallAsync(watched.Mount.Work);
        await watched.StartScannerAsync(
            ["/bin/sh", "-c", "shift; exec \"$0\" \"$@\"", Path.Combine(installed, "scannerd")],
            "--profile",
            "strict",
            "--crash-budget",
            "5s");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        Directory.Move(installed, installed + ".old");

        Signals.User2(watched.Scanner.SupervisorId);

        bool told = await Poll.UntilAsync(
            _limit, () => watched.Scanner.Error.ToString().Contains("cannot be replaced", StringComparison.Ordinal));
        Assert.True(told, watched.Scanner.ToString());
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Directory.Move(installed + ".old", installed);
        bool isBack = await Poll.UntilAsync(
            _limit, async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText));
        Assert.True(isBack, watched.Scanner.ToString());

        // Now there is one, and it is taken.
        await HandOverAsync(watched.Scanner);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAProgramThatCannotTakeOver_WhenTheDaemonIsToHandOver_ThenItGoesOnAsItIs()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string installed = await InstallAsync(watched.Mount.Work);
        await watched.StartScannerAsync(
            ["/bin/sh", "-c", "shift; exec \"$0\" \"$@\"", Path.Combine(installed, "scannerd")], "--profile", "strict");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        int worker = await watched.Scanner.WorkerAsync();
        Directory.Move(installed, installed + ".old");
        Directory.CreateDirectory(installed);
        File.Copy("/bin/false", Path.Combine(installed, "scannerd"));

        Signals.User2(watched.Scanner.SupervisorId);

        bool told = await Poll.UntilAsync(
            _limit, () => watched.Scanner.Error.ToString().Contains("ended with exit code 1", StringComparison.Ordinal));
        Assert.True(told, watched.Scanner.ToString());
        Assert.Equal(worker, await watched.Scanner.WorkerAsync());
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenRequestsThatComeTooOftenOrTooEarly_WhenTheyAreServed_ThenTheDaemonLives()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict");
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        for (int i = 0; i < 200; i++)
        {
            Signals.User2(watched.Scanner.SupervisorId);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Assert.False(watched.Scanner.HasExited, watched.Scanner.ToString());
    }

    private static async Task HandOverAsync(ScannerProcess scanner)
    {
        int before = await scanner.WorkerAsync();
        bool changed = await Poll.UntilAsync(_limit, async () =>
        {
            // Refused while the last one's worker is not ready yet, so asked again.
            Signals.User2(scanner.SupervisorId);
            return await Poll.UntilAsync(
                TimeSpan.FromSeconds(2), () => scanner.TryFindWorker() is int worker and not 0 && worker != before);
        });
        Assert.True(changed, $"no other worker:\n{scanner}");
    }

    private static async Task<string> InstallAsync(WorkDirectory work)
    {
        string target = work.In("installed");
        CommandResult copy = await ChildProcess.RunAsync("cp", "-r", Path.GetDirectoryName(Repository.Daemon)!, target);
        Assert.True(copy.ExitCode == 0, copy.Error);
        return target;
    }

    private static string? ProgramOf(int process) => File.ResolveLinkTarget($"/proc/{process}/exe", false)?.FullName;
}
