using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Testing;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>The real clamd: what it finds, and what it must not be believed.</summary>
public sealed class ClamdEngineTests
{
    private static readonly Verdict s_eicar = Verdict.Infected(ClamdSamples.EicarName);

    [Fact(Timeout = 60_000)]
    public async Task GivenSamples_WhenScanned_ThenEachHasItsVerdict()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(s_eicar, await engine.JudgeAsync(server.Write("eicar", ClamdSamples.Eicar)));
        Assert.Equal(
            Verdict.Infected(ClamdSamples.HashedName), await engine.JudgeAsync(server.Write("hash", ClamdSamples.Hashed)));
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync(server.Write("clean", ClamdSamples.Clean(4096, 1))));
        Assert.Equal(Verdict.Clean, await engine.JudgeAsync(server.Write("empty", [])));
        Assert.Equal("clamd", engine.Name);
        Assert.StartsWith("ClamAV ", engine.Epoch.Name, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(6)]
    [InlineData(20)]
    [InlineData(90)]
    public async Task GivenEicarAtTheEndOfALargeFile_WhenScanned_ThenItIsFound(int mebibytes)
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string path = server.Write("large", ClamdSamples.WithEicarAtEnd(mebibytes << 20));

        Assert.Equal(s_eicar, await engine.JudgeAsync(path));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenArchives_WhenScanned_ThenWhatTheyHoldIsFound()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        string tar = Path.Combine(server.FilesDirectory, "a.tar.gz");
        Tool.Run("tar", "-C", server.FilesDirectory, "-czf", tar, "eicar");
        string zip = Path.Combine(server.FilesDirectory, "a.zip");
        System.IO.Compression.ZipFile.CreateFromDirectory(
            Directory.CreateDirectory(Path.Combine(server.Root, "zipped")).FullName, zip);
        using (System.IO.Compression.ZipArchive archive = System.IO.Compression.ZipFile.Open(
            zip, System.IO.Compression.ZipArchiveMode.Update))
        {
            using Stream entry = archive.CreateEntry("eicar").Open();
            entry.Write(ClamdSamples.Eicar);
        }

        Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
        Assert.Equal(s_eicar, await engine.JudgeAsync(tar));
        Assert.Equal(s_eicar, await engine.JudgeAsync(zip));
        if (!File.Exists("/usr/bin/7z"))
        {
            Requires.Lacking("needs 7z (Debian: p7zip-full)");
        }

        string seven = Path.Combine(server.FilesDirectory, "a.7z");
        Tool.Run("7z", "a", seven, eicar);
        Assert.Equal(s_eicar, await engine.JudgeAsync(seven));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenFileAtALimitOfClamd_WhenScanned_ThenItIsLookedAtAsAWholeOrTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxFileSize = "1M");
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        Assert.Equal(1 << 20, engine.MaxFileSize);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdLimitLower));

        string fits = server.Write("fits", ClamdSamples.WithEicarAtEnd(1 << 20));
        string larger = server.Write("larger", ClamdSamples.WithEicarAtEnd((1 << 20) + 1));

        Assert.Equal(s_eicar, await engine.JudgeAsync(fits));
        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), await engine.JudgeAsync(larger));

        // Grown since its size was read: clamd says OK, and we look again.
        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), await engine.JudgeAsync(larger, size: 10));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenFileAtTheScanLimitOfClamd_WhenScanned_ThenItIsLookedAtAsAWholeOrTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxScanSize = "1M");
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        Assert.Equal(1 << 20, engine.MaxFileSize);

        Assert.Equal(
            s_eicar, await engine.JudgeAsync(server.Write("fits", ClamdSamples.WithEicarAtEnd(1 << 20))));
        Assert.Equal(
            Verdict.NotScannable(FailureReason.TooLarge),
            await engine.JudgeAsync(server.Write("larger", ClamdSamples.WithEicarAtEnd((1 << 20) + 1))));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenArchiveBeyondALimitThatClamdReports_WhenScanned_ThenItIsTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options =>
        {
            options.MaxFileSize = "1M";
            options.MoreLines.Add("AlertExceedsMax yes");
        });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        server.Write("large", new byte[3 << 20]);
        string path = Path.Combine(server.FilesDirectory, "a.tar.gz");
        Tool.Run("tar", "-C", server.FilesDirectory, "-czf", path, "large");

        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), await engine.JudgeAsync(path));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenDescriptorThatCannotBeRead_WhenScanned_ThenItIsNotReadable()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string path = server.Write("eicar", ClamdSamples.Eicar);
        Verdict notReadable = Verdict.NotScannable(FailureReason.NotReadable);

        using Descriptor place = Descriptor.OpenPath(path);
        Assert.Equal(notReadable, await engine.ScanAsync(new ScanTarget(place.Content, 68), TestContext.Current.CancellationToken));
        using (FileStream writer = new(path, FileMode.Open, FileAccess.Write))
        {
            using Descriptor written = Descriptor.Inherited((int)writer.SafeFileHandle.DangerousGetHandle());
            Assert.Equal(notReadable, await engine.ScanAsync(new ScanTarget(written.Content, 68), TestContext.Current.CancellationToken));
            writer.SafeFileHandle.SetHandleAsInvalid();
        }

        Assert.Equal(notReadable, await engine.JudgeAsync(server.FilesDirectory, 4096));
        Assert.Equal(notReadable, await engine.JudgeAsync("/dev/zero", 0));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAThousandScans_WhenAsManyAreAskedForAsClamdTakes_ThenEachHasItsOwnAnswer()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        for (int i = 0; i < 20; i++)
        {
            byte[] content = ClamdSamples.Clean(1000 + (i * 700), i);
            ClamdSamples.AddSignature(server.DatabaseDirectory, $"Number.{i}", content);
            server.Write($"{i}", content);
        }

        await server.RestartAsync();
        for (int i = 20; i < 40; i++)
        {
            server.Write($"{i}", ClamdSamples.Clean(2000, i));
        }

        // That clamd was away may be noticed only now, and for a moment.
        for (int tries = 0; tries < 100 && (await engine.JudgeAsync(Path.Combine(server.FilesDirectory, "0"))).Signature is null; tries++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Verdict[] verdicts = new Verdict[1_000];
        await Parallel.ForAsync(
            0,
            verdicts.Length,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = engine.Concurrency,
                CancellationToken = TestContext.Current.CancellationToken,
            },
            async (i, _) => verdicts[i] = await engine.JudgeAsync(Path.Combine(server.FilesDirectory, $"{i % 40}")));

        for (int i = 0; i < verdicts.Length; i++)
        {
            Assert.Equal(i % 40 < 20 ? Verdict.Infected($"Number.{i % 40}.UNOFFICIAL") : Verdict.Clean, verdicts[i]);
        }
    }

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
            Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
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
                verdict, (Verdict[])[s_eicar, Verdict.NotScannable(FailureReason.EngineUnavailable)]));
        await Engines.UntilAsync(() => !engine.IsAvailable, TimeSpan.FromSeconds(3));
        Assert.Null(engine.Process);
        await server.StartAgainAsync();
        await Engines.UntilAsync(() => engine.IsAvailable, TimeSpan.FromSeconds(2));
        Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
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
        Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
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
        Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
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
        Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
        Assert.Equal(server.SocketPath, ClamdSockets.TryFindReachable(["/nonexistent", server.SocketPath]));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenClamd_WhenReached_ThenItsProcessDirectoriesAndLimitsAreKnown()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxThreads = 3);
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(3, engine.Concurrency);
        Assert.Equal(100 << 20, engine.MaxFileSize);
        EngineProcess process = Assert.IsType<EngineProcess>(engine.Process);
        Assert.Equal(server.ProcessId, process.Process.Id);
        Assert.True(process.Process.IsAlive);
        Assert.Equal(
            [server.TemporaryDirectory, server.DatabaseDirectory], process.Directories.Select(path => path.ToString()));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenServerThatIsNotClamd_WhenReached_ThenItsOpensAreNotLetThrough()
    {
        using FakeClamd server = new((_, _) => { });
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);

        Assert.True(engine.IsAvailable);
        Assert.Null(engine.Process);
        Assert.Equal(10, engine.Concurrency);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdUnknownProcess));
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
            Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
            await Task.Delay(3_000, TestContext.Current.CancellationToken);
        }

        Assert.True(engine.IsAvailable);
        Assert.Equal(0, log.Count(EngineEventIds.ClamdNonsense));
        Assert.Equal(0, log.Count(EngineEventIds.ClamdLost));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAllFormsOfTheTestFile_WhenScanned_ThenNoneIsCalledClean()
    {
        if (!Directory.Exists(ClamdSamples.TestFilesDirectory))
        {
            Requires.Lacking("needs Debian's clamav-testfiles");
        }

        // Not unpacked by clamd itself without its official database, which says what to look for inside.
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        List<string> notFound = [];
        foreach (string path in Directory.GetFiles(ClamdSamples.TestFilesDirectory).Order())
        {
            Verdict verdict = await engine.JudgeAsync(path);
            string said = await server.AskAsync($"SCAN {path}");
            bool isInfected = verdict.Kind == VerdictKind.Infected;
            Assert.Equal(said.EndsWith(" FOUND", StringComparison.Ordinal), isInfected);
            if (!isInfected)
            {
                notFound.Add(Path.GetFileName(path));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"not found by clamd: {string.Join(' ', notFound)}");
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
            Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenSocketActivatedClamd_WhenReached_ThenItsProcessIsClamdAndNotWhoeverListens()
    {
        if (!File.Exists("/usr/bin/systemd-socket-activate"))
        {
            Requires.Lacking("needs systemd-socket-activate");
        }

        await using ClamdServer server = ClamdServer.Prepare();
        await server.StartActivatedAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);

        Assert.Equal(s_eicar, await engine.JudgeAsync(eicar));
        EngineProcess process = Assert.IsType<EngineProcess>(engine.Process);
        Assert.Equal("clamd", Path.GetFileName(File.ResolveLinkTarget($"/proc/{process.Process.Id}/exe", false)!.FullName));
    }
}
