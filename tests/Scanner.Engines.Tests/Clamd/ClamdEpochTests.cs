using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Engines.Tests.Signatures;
using Scanner.Testing;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Which database clamd answers from, and from when on that is certain.</summary>
public sealed class ClamdEpochTests
{
    private static readonly TimeSpan s_noticed = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(40);
    private static readonly byte[] s_content = ClamdSamples.Clean(3000, 77);

    [Fact(Timeout = 60_000)]
    public async Task GivenDatabaseOlderThanClamd_WhenReached_ThenTheEpochIsSettledAtOnceAndTheSameEachTime()
    {
        await using ClamdServer server = await StartOldAsync();
        EngineEpoch first;
        await using (ClamdEngine engine = Engines.Start(server.SocketPath))
        {
            first = engine.Epoch;
            Assert.True(first.IsSettled);
            await Task.Delay(1_500, TestContext.Current.CancellationToken);
            Assert.Same(first, engine.Epoch);
        }

        // Neither names nor looks depend on when we came.
        await using ClamdEngine other = Engines.Start(server.SocketPath);
        Assert.Equal(first, other.Epoch);
        Assert.DoesNotContain("Activating the newly loaded database", server.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenClamd_WhenAListIsAddedAndNobodySaysReload_ThenTheEpochIsNewAndSettledOnceItIsFound()
    {
        await using ClamdServer server = await StartOldAsync();
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        EngineEpoch old = engine.Epoch;
        ConcurrentQueue<EngineEpoch> told = [];
        engine.EpochChanged += () => told.Enqueue(engine.Epoch);
        string path = server.Write("later", s_content);
        ClamdSamples.AddSignature(server.DatabaseDirectory, "Later", s_content);

        await Engines.UntilAsync(() => engine.Epoch.Name != old.Name, s_noticed);
        await AssertNothingOldIsSettledAsync(engine, path, old);

        Assert.False(told.First().IsSettled);
        Assert.Contains(engine.Epoch, told);
        Assert.Single(log.Lines, line => line.Id == EngineEventIds.ClamdReached);
        Assert.DoesNotContain(log.Lines, line => line.Text.Contains('+', StringComparison.Ordinal));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GivenAListThatTakesLong_WhenItIsLoaded_ThenNoVerdictFromBeforeIsSettled(bool isConcurrent)
    {
        await using ClamdServer server = await StartOldAsync(options =>
        {
            options.ConcurrentReload = isConcurrent;

            // Without it clamd waits for its idle threads to end before it loads, and answers nothing meanwhile.
            options.MoreLines.Add("IdleTimeout 2");
        });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        EngineEpoch old = engine.Epoch;
        string path = server.Write("later", s_content);
        WriteLongList(server);
        ClamdSamples.AddSignature(server.DatabaseDirectory, "Later", s_content);

        await AssertNothingOldIsSettledAsync(engine, path, old);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenLoadUnderWay_WhenAListIsAddedThatItMisses_ThenNoVerdictFromBeforeIsSettled()
    {
        await using ClamdServer server = await StartOldAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        EngineEpoch old = engine.Epoch;
        string path = server.Write("later", s_content);
        WriteLongList(server);
        for (int i = 0; i < 8; i++)
        {
            // Somebody else has clamd load over and over, as it happens to fall.
            await server.ReloadAsync();
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        ClamdSamples.AddSignature(server.DatabaseDirectory, "Later", s_content);

        await AssertNothingOldIsSettledAsync(engine, path, old);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenListThatCannotBeLoaded_WhenClamdKeepsTheOldOnes_ThenTheEpochIsNotSettledUntilItIsRepaired()
    {
        await using ClamdServer server = await StartOldAsync();
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        EngineEpoch old = engine.Epoch;
        string path = server.Write("later", s_content);
        string damaged = Path.Combine(server.DatabaseDirectory, "damaged.hdb");
        File.WriteAllText(damaged, "no:signature\n");
        ClamdSamples.AddSignature(server.DatabaseDirectory, "Later", s_content);

        await Engines.UntilAsync(() => log.Count(EngineEventIds.ClamdReloadFailed) == 1, s_settled);
        await Task.Delay(1_500, TestContext.Current.CancellationToken);
        Assert.False(engine.Epoch.IsSettled);
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync(path));

        File.Delete(damaged);
        await AssertNothingOldIsSettledAsync(engine, path, old);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdReloadFailed));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenNewDatabase_WhenClamdIsRestarted_ThenNoVerdictFromBeforeIsSettled()
    {
        await using ClamdServer server = await StartOldAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        EngineEpoch old = engine.Epoch;
        string path = server.Write("later", s_content);
        await server.KillAsync();
        await Engines.UntilAsync(() => !engine.Epoch.IsSettled, s_noticed);
        ClamdSamples.AddSignature(server.DatabaseDirectory, "Later", s_content);
        await server.StartAgainAsync();

        await AssertNothingOldIsSettledAsync(engine, path, old);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenOtherSettings_WhenClamdIsRestarted_ThenTheEpochIsAnotherUntilTheyAreAsBefore()
    {
        await using ClamdServer server = ClamdServer.Prepare();
        List<EngineEpoch> epochs = [];
        foreach (string setting in (string[])["no", "yes", "no"])
        {
            server.Options.MoreLines.Clear();
            server.Options.MoreLines.Add($"AlertEncrypted {setting}");
            server.WriteConfiguration();
            await Task.Delay(1_100, TestContext.Current.CancellationToken);
            await server.StartConfiguredAsync();
            await using ClamdEngine engine = Engines.Start(server.SocketPath);
            Assert.True(engine.Epoch.IsSettled);
            epochs.Add(engine.Epoch);

            // clamd does not know of this, and goes on as it was started.
            server.Options.MoreLines.Add("DetectPUA yes");
            server.WriteConfiguration();
            await using ClamdEngine late = Engines.Start(server.SocketPath);
            Assert.DoesNotContain(late.Epoch, epochs);
            await server.KillAsync();
        }

        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.Equal(epochs[0], epochs[2]);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false, 300 + 60)]
    [InlineData(true, 300 + 600)]
    public Task GivenThreadsThatTellNothing_WhenAListIsAdded_ThenTheEpochIsSettledWhenClamdHasLookedByItself(
        bool seemsToLoad, int seconds) => Blocking.Run(() =>
    {
        // Too few threads and too many: a program with a single one, and this one.
        using FakeClamd server = new((_, _) => { });
        using SignatureFiles files = new();
        using Process single = Process.Start("/bin/sleep", "60");
        ShiftedTime time = new();
        ClamdOptions options = new() { SocketPath = server.SocketPath };
        using ClamdChannel channel = ClamdChannel.TryOpen(
            server.SocketPath, options.ConnectLimit, TimeSpan.FromHours(1), time)!;
        int id = seemsToLoad ? Environment.ProcessId : single.Id;
        ClamdGeneration generation = new(options, NullLogger.Instance, time);
        ClamdSettings settings = new() { DatabaseDirectory = files.Lists, SelfCheck = 300 };
        generation.Connect(new ClamdInstance(id, ProcessFacts.TryReadStartTime(id)!, settings));
        files.WriteList("a.hdb", "");
        for (int i = 0; i < 10; i++)
        {
            generation.Look(channel, server.Version);
            time.Skip(TimeSpan.FromSeconds((seconds / 10.0) - 0.5));
            Assert.StartsWith($"{server.Version} +", generation.Current.Name, StringComparison.Ordinal);
            Assert.False(generation.Current.IsSettled);
        }

        time.Skip(TimeSpan.FromSeconds(6));
        generation.Look(channel, server.Version);

        Assert.True(generation.Current.IsSettled);
        single.Kill();
    });

    [Fact(Timeout = 60_000)]
    public async Task GivenServerThatCannotBeSeen_WhenItsVersionStaysForLong_ThenTheEpochIsSettledUntilItChanges()
    {
        using FakeClamd server = new((_, _) => { });
        ShiftedTime time = new();
        await using ClamdEngine engine = ClamdEngine.Start(
            new ClamdOptions { SocketPath = server.SocketPath }, NullLoggerFactory.Instance, time);
        Assert.Equal(new EngineEpoch(server.Version, IsSettled: false), engine.Epoch);
        time.Skip(TimeSpan.FromSeconds(600));
        await Task.Delay(1_500, TestContext.Current.CancellationToken);
        Assert.False(engine.Epoch.IsSettled);

        time.Skip(TimeSpan.FromSeconds(60));
        await Engines.UntilAsync(() => engine.Epoch.IsSettled, s_noticed);
        server.Version = "ClamAV 1.4.6/2/Fake";
        await Engines.UntilAsync(() => engine.Epoch.Name == server.Version, s_noticed);

        Assert.False(engine.Epoch.IsSettled);
    }

    /// <summary>A clamd that was started well after its database was written.</summary>
    private static async Task<ClamdServer> StartOldAsync(Action<ClamdServerOptions>? configure = null)
    {
        ClamdServer server = ClamdServer.Prepare(configure);
        await Task.Delay(1_100, TestContext.Current.CancellationToken);
        await server.StartAgainAsync();
        return server;
    }

    private static async Task AssertNothingOldIsSettledAsync(ClamdEngine engine, string path, EngineEpoch old)
    {
        Verdict found = Verdict.Infected("Later.UNOFFICIAL");
        long start = TimeProvider.System.GetTimestamp();
        int settled = 0;
        while (settled < 200)
        {
            EngineEpoch before = engine.Epoch;
            Verdict verdict = await engine.JudgeAsync(path);
            if (before.IsSettled && before.Name != old.Name && engine.Epoch == before)
            {
                Assert.Equal(found, verdict);
                settled++;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < s_settled, $"not settled: {engine.Epoch}");
        }
    }

    /// <summary>So many signatures that clamd takes a good part of a second to load them.</summary>
    private static void WriteLongList(ClamdServer server)
    {
        string path = Path.Combine(server.Root, "long.hdb");
        using (StreamWriter list = new(path))
        {
            for (int i = 0; i < 300_000; i++)
            {
                list.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
                list.Write(string.Create(CultureInfo.InvariantCulture, $":{1000 + (i % 5000)}:Long.{i}\n"));
            }
        }

        File.Move(path, Path.Combine(server.DatabaseDirectory, "long.hdb"));
    }
}
