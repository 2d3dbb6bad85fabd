using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Journal;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>The real clamd goes and comes back, reloads, or is not waited for.</summary>
public sealed class ClamdOutageTests
{
    [Fact(Timeout = 120_000)]
    public async Task GivenScans_WhenTheDatabaseIsReloaded_ThenNoneFailsAndTheNewSignatureIsFound()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        byte[] content = ClamdSamples.Clean(3000, 77);
        string later = server.Write("later", content);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync(later));
        ClamdSamples.AddSignature(server.DatabaseDirectory, "Later", content);
        await server.ReloadAsync();
        Stopwatch time = Stopwatch.StartNew();
        Verdict verdict = Verdict.Clean;
        while (verdict == Verdict.Clean && time.Elapsed < TimeSpan.FromSeconds(30))
        {
            Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
            verdict = await engine.JudgeAsync(later);
        }

        Assert.Equal(Verdict.Infected("Later.UNOFFICIAL"), verdict);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenScansUnderWay_WhenClamdIsKilledAndRestarted_ThenNoneIsWrongAndAllGoesOn()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        string eicar = server.Write("eicar", ClamdSamples.WithEicarAtEnd(300_000));
        EngineProcess? before = engine.Process;
        Assert.Equal(server.ProcessId, before?.Process.Id);
        Task<Verdict>[] scans = [.. Enumerable.Range(0, 200).Select(_ => engine.JudgeAsync(eicar))];

        await server.KillAsync();

        // Before it died some were done; the rest has nobody to look at them.
        Assert.All(
            await Task.WhenAll(scans),
            verdict => Assert.Contains(
                verdict, (Verdict[])[Engines.Eicar, Verdict.NotScannable(FailureReason.EngineUnavailable)]));
        await Engines.UntilAsync(() => !engine.IsAvailable, TimeSpan.FromSeconds(3));
        Assert.Null(engine.Process);
        await server.StartAgainAsync();
        await Engines.UntilAsync(() => engine.IsAvailable, TimeSpan.FromSeconds(2));
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        Assert.Equal(server.ProcessId, engine.Process?.Process.Id);
        Assert.False(before!.Process.IsAlive);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdLost));
        Assert.Equal(2, log.Count(EngineEventIds.ClamdReached));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenScansUnderWay_WhenClamdIsStopped_ThenItIsNoticedAndSoIsThatItGoesOn()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        server.Stop();
        try
        {
            Stopwatch time = Stopwatch.StartNew();
            Verdict[] verdicts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => engine.JudgeAsync(eicar)));
            Assert.All(
                verdicts,
                verdict => Assert.Equal(Verdict.NotScannable(FailureReason.EngineUnavailable), verdict));
            Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
            Assert.Null(engine.Process);
            await Task.Delay(2_000, TestContext.Current.CancellationToken);
        }
        finally
        {
            server.Continue();
        }

        await Engines.UntilAsync(() => engine.IsAvailable, TimeSpan.FromSeconds(2));
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        Assert.Equal(1, log.Count(EngineEventIds.ClamdLost));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenNoSocketYet_WhenClamdStarts_ThenItIsUsed()
    {
        await using ClamdServer server = ClamdServer.Prepare();
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        Assert.False(engine.IsAvailable);
        Assert.Equal(
            Verdict.NotScannable(FailureReason.EngineUnavailable), await engine.JudgeAsync(eicar));
        Assert.Null(ClamdSockets.TryFindReachable([server.SocketPath]));

        await server.StartAgainAsync();

        await Engines.UntilAsync(() => engine.IsAvailable, TimeSpan.FromSeconds(2));
        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        Assert.Equal(server.SocketPath, ClamdSockets.TryFindReachable(["/nonexistent", server.SocketPath]));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenIdleSessions_WhenClamdEndsThem_ThenTheNextScanSucceeds()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options =>
        {
            options.MoreLines.Add("CommandReadTimeout 1");
            options.MoreLines.Add("ReadTimeout 1");
            options.MoreLines.Add("IdleTimeout 1");
        });
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
            await Task.Delay(3_000, TestContext.Current.CancellationToken);
        }

        Assert.True(engine.IsAvailable);
        Assert.Equal(0, log.Count(EngineEventIds.ClamdNonsense));
        Assert.Equal(0, log.Count(EngineEventIds.ClamdLost));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenSlowScans_WhenCancelled_ThenTheWaitersAreReleasedAtOnceAndLaterScansAreRight()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxThreads = 2);
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        string[] slow =
            [.. Enumerable.Range(0, 6).Select(i => server.Write($"slow{i}", ClamdSamples.WithEicarAtEnd(60 << 20, i)))];
        using CancellationTokenSource deadline = new();
        Task<Verdict>[] scans = [.. slow.Select(path => engine.JudgeUntilAsync(path, deadline.Token))];
        Stopwatch time = Stopwatch.StartNew();

        await deadline.CancelAsync();

        foreach (Task<Verdict> scan in scans)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scan);
        }

        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        }
    }
}
