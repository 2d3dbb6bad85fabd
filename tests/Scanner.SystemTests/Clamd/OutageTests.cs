using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>clamd absent, late, killed, stopped, restarted, or out of what it needs.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int Fresh = 20;

    /// <summary>Within which a clamd that says nothing must have been noticed.</summary>
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(4);

    /// <summary>What an open may take while it is known that nobody can scan.</summary>
    private static readonly TimeSpan _atOnce = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(5);

    [Theory(Timeout = 60_000)]
    [InlineData("strict")]
    [InlineData("available")]
    public async Task GivenNoClamd_WhenFilesAreOpened_ThenTheProfileDecidesAtOnce(string profile)
    {
        await using ClamdServer server = ClamdServer.Prepare();
        await using ClamdCase test = await ClamdCase.StartAsync(
            await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4), server.SocketPath, ["--profile", profile]);
        string list = await test.WriteCleanAsync(Fresh);
        string single = await test.Mount.WriteAsync("single", Samples.CleanText);

        LoadResult result = await test.SweepAsync(list, 1);
        OpenResult one = await test.OpenAsync(single);

        Assert.Equal(profile == "strict" ? Fresh : 0, result.CleanDenied);
        Assert.Equal(profile == "strict", one.WasDenied);
        Assert.Equal(ClamdCase.EngineUnavailable, one.Decision.Reason);
        AssertAtOnce(result);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenNoClamdAndAFallback_WhenFilesAreOpened_ThenTheFallbackDecides()
    {
        await using ClamdServer server = ClamdServer.Prepare();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--fallback", "signatures");
        string infected = await test.Mount.WriteAsync("infected", Samples.Eicar);
        string clean = await test.Mount.WriteAsync("clean", Samples.CleanText);

        OpenResult infectedResult = await test.OpenAsync(infected);
        OpenResult cleanResult = await test.OpenAsync(clean);

        Assert.True(infectedResult.WasDenied, infectedResult.Opener.Line);
        Assert.Equal("infected", infectedResult.Decision.Verdict);
        Assert.Equal("signatures", infectedResult.Decision.Engine);
        Assert.True(cleanResult.WasAllowed, cleanResult.Opener.Line);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenNoClamdAtTheStart_WhenItComes_ThenItIsUsedWithinTwoSeconds()
    {
        await using ClamdServer server = ClamdServer.Prepare();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        await test.SweepAsync(await test.WriteCleanAsync(Fresh), 4);

        await server.StartAgainAsync();

        TimeSpan recovery = await test.RecoveredAsync(ClamdCase.Recovery);
        output.WriteLine($"recovered after {recovery.TotalMilliseconds:F0} ms");
        (await test.SweepAsync(await test.WritePairsAsync(Fresh), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Theory(Timeout = 90_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GivenManyWaitingOpens_WhenClamdIsKilledAndStartedAgain_ThenNothingInfectedIsOpened(bool silentFirst)
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WritePairsAsync(100, size: 64 << 10);
        using Opener flood = Opener.Start(TimeSpan.FromSeconds(40), "flood", "200", list, "20");
        if (silentFirst)
        {
            // Every scan is under way, and none can be finished.
            server.Stop();
        }

        await flood.BegunAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(silentFirst ? 500 : 15), TestContext.Current.CancellationToken);

        await server.RestartAsync();

        LoadResult result = test.Add(await flood.ResultAsync());
        Assert.Equal(200, result.Opens);
        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + ClamdCase.AfterDeadline);
        await test.RecoveredAsync(ClamdCase.Recovery);
        (await test.SweepAsync(await test.WritePairsAsync(Fresh), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenAClamdThatIsStopped_WhenFilesAreOpened_ThenDeadlinesHoldAndItIsNoticedAndRecovers()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath, "--deadline", "5s");
        string list = await test.WritePairsAsync(Fresh / 2);
        string fresh = await test.WritePairsAsync(Fresh / 2);
        server.Stop();
        Stopwatch clock = Stopwatch.StartNew();

        using Opener waiting = Opener.Start(TimeSpan.FromSeconds(30), "flood", $"{Fresh}", list, "15");
        await waiting.BegunAsync();
        await Task.Delay(_noticed - clock.Elapsed, TestContext.Current.CancellationToken);
        LoadResult noticed = await test.SweepAsync(fresh, 1);
        LoadResult result = test.Add(await waiting.ResultAsync());
        server.Continue();
        TimeSpan recovery = await test.RecoveredAsync(ClamdCase.Recovery);

        output.WriteLine($"recovered after {recovery.TotalMilliseconds:F0} ms");
        Assert.Equal(Fresh, result.Opens);
        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + ClamdCase.AfterDeadline);
        Assert.Equal(0, noticed.CleanAllowed + noticed.InfectedAllowed);
        AssertAtOnce(noticed);
        Assert.Contains(test.Decisions, one => one.Reason == ClamdCase.EngineUnavailable);
        (await test.SweepAsync(await test.WritePairsAsync(Fresh), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenOpensWithoutEnd_WhenClamdIsRestarted_ThenNothingInfectedIsOpenedAndItIsUsedAgain()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WritePairsAsync(50);
        using Opener load = Opener.Start(TimeSpan.FromSeconds(30), "loop", "8", "5", list, "15");
        await load.BegunAsync();

        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(700), TestContext.Current.CancellationToken);
            await server.RestartAsync();
        }

        await test.RecoveredAsync(ClamdCase.Recovery);
        LoadResult result = test.Add(await load.ResultAsync());
        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + ClamdCase.AfterDeadline);
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenASocketActivatedClamdWithItsFilesInTheWatchedDirectory_WhenAnArchiveIsOpened_ThenItIsScanned()
    {
        Requirement.Tool("zip");
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using ActivatedClamd activated =
            await ActivatedClamd.ListenAsync(options => options.DataDirectory = watched.Mount.Subdirectory("clamd"));
        await using ClamdCase test =
            await ClamdCase.StartAsync(watched, activated.Server.SocketPath, ["--profile", "strict"]);
        int clamd = await activated.StartedAsync();
        await test.RecoveredAsync(TimeSpan.FromSeconds(5));
        string inner = test.Mount.Work.Write("inner", Samples.Eicar);
        string archive = test.Mount.Work.In("archive.zip");
        await ChildProcess.RunAsync("zip", "-q", archive, inner);
        string file = await test.Mount.WriteAsync(
            "archive.zip", await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken));

        OpenResult result = await test.OpenAsync(file);

        Assert.Equal("infected", result.Decision.Verdict);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(2), $"{result.Elapsed} for a small archive");
        Assert.True(ProcessTable.IsAlive(clamd));
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenAClamdWithoutDescriptors_WhenManyFilesAreOpened_ThenNothingInfectedIsOpenedAndItRecovers()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WritePairsAsync(50);
        int open = ProcessTable.OpenFilesOf(server.ProcessId).Count;
        // What it has it keeps; the next one or two it gets, and no more.
        await LimitDescriptorsAsync(server, open + 2);

        LoadResult result = await test.SweepAsync(list, 100);
        await LimitDescriptorsAsync(server, 1024);
        await test.RecoveredAsync(ClamdCase.Recovery);

        result.AssertNothingInfectedAndNoneHung();
        result.AssertNoWaitBeyond(_deadline + ClamdCase.AfterDeadline);
        (await test.SweepAsync(await test.WritePairsAsync(Fresh), 4)).AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAClamdWithOneThreadAndAShortQueue_WhenManyFilesAreOpened_ThenEveryAnswerIsRight()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options =>
        {
            options.MaxThreads = 1;
            options.MaxQueue = 2;
        });
        await using ClamdCase test = await ClamdCase.StartAsync(server.SocketPath);
        string list = await test.WritePairsAsync(50);

        LoadResult result = await test.SweepAsync(list, 100);

        result.AssertAllRight();
        await test.CloseAccountAsync(output);
    }

    private static async Task LimitDescriptorsAsync(ClamdServer server, int most)
    {
        CommandResult result =
            await ChildProcess.RunAsync("prlimit", "--pid", $"{server.ProcessId}", $"--nofile={most}:1024");
        result.AssertSucceeded();
    }

    // The median, because the machine may take its time for a single one.
    private static void AssertAtOnce(LoadResult result)
    {
        Assert.True(result.MedianWait < _atOnce, result.Line);
        result.AssertNoWaitBeyond(TimeSpan.FromSeconds(1));
    }
}
