using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;
using Scanner.Engines.Tests.Clamd;

namespace Scanner.Engines.Tests.Signatures;

/// <summary>Lists that change while scans go on.</summary>
public sealed class SignatureReloadTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Fact(Timeout = 60_000)]
    public async Task GivenScansWithoutEnd_WhenListsComeAndGo_ThenEachVerdictIsOfTheEpochAroundIt()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(300_000);
        string path = files.WriteContent(content);
        string line = $"{SignatureFiles.Md5(content)}:{content.Length}:A\n";
        using SignatureReload reload = SignatureReload.Start(new(files.Lists), new KeptLog(), interval: s_interval);
        using ThreadedEngine engine = new(reload.Engine);
        string without = engine.Epoch.Name;
        int told = 0;
        engine.EpochChanged += () => told++;
        int[] counts = new int[2];
        using CancellationTokenSource end = new();
        Task[] scanners = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                EngineEpoch before = engine.Epoch;
                Verdict verdict = await SignatureFiles.ScanAsync(engine, path, content.Length);
                if (ReferenceEquals(before, engine.Epoch))
                {
                    Assert.Equal(before.Name == without ? Verdict.Clean : Verdict.Infected("A"), verdict);
                    Interlocked.Increment(ref counts[before.Name == without ? 0 : 1]);
                }
            }
        }))];

        for (int i = 0; i < 5; i++)
        {
            string list = files.WriteList("a.hdb", line);
            await Clamd.Engines.UntilAsync(() => engine.Epoch.Name != without, s_limit);
            await Task.Delay(50, TestContext.Current.CancellationToken);
            File.Delete(list);
            await Clamd.Engines.UntilAsync(() => engine.Epoch.Name == without, s_limit);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await end.CancelAsync();
        await Task.WhenAll(scanners);
        Assert.All(counts, count => Assert.NotEqual(0, count));
        Assert.Equal(10, told);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenListThatGrows_WhenItIsNotQuiet_ThenItIsLoadedOnceItIs()
    {
        using SignatureFiles files = new();
        KeptLog log = new();
        using SignatureReload reload = SignatureReload.Start(
            new(files.Lists), log, interval: TimeSpan.FromMilliseconds(500));
        for (int i = 0; i < 20; i++)
        {
            File.AppendAllText(
                Path.Combine(files.Lists, "a.hdb"), $"{SignatureFiles.Md5(SignatureFiles.Content(9, i))}:9:A{i}\n");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(0, reload.Engine.Count);
        await Clamd.Engines.UntilAsync(() => reload.Engine.Count == 20, s_limit);
        Assert.Equal(1, log.Count(EngineEventIds.SignaturesReloaded));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenDirectoryThatBecomesUnreadable_WhenItIsBack_ThenTheOldSignaturesHeldMeanwhile()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(100);
        files.WriteList("a.hdb", $"{SignatureFiles.Md5(content)}:100:A\n");
        KeptLog log = new();
        using SignatureReload reload = SignatureReload.Start(new(files.Lists), log, interval: s_interval);
        EngineEpoch epoch = reload.Engine.Epoch;
        string away = files.Lists + "-away";

        Directory.Move(Path.Combine(Path.GetDirectoryName(away)!, "lists"), away);
        await Clamd.Engines.UntilAsync(() => log.Count(EngineEventIds.SignatureReloadFailed) > 0, s_limit);
        await Task.Delay(500, TestContext.Current.CancellationToken);
        Assert.Same(epoch, reload.Engine.Epoch);
        Assert.Equal(Verdict.Infected("A"), await files.ScanAsync(reload.Engine, content));
        Assert.Equal(1, log.Count(EngineEventIds.SignatureReloadFailed));

        Directory.Move(away, away[..^"-away".Length]);
        files.WriteList("b.hdb", $"{SignatureFiles.Md5([1])}:1:B\n");
        await Clamd.Engines.UntilAsync(() => reload.Engine.Count == 2, s_limit);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenNoDirectoryYet_WhenItIsMade_ThenItsListsAreLoaded()
    {
        using SignatureFiles files = new();
        string directory = Path.Combine(files.Lists, "later");
        using SignatureReload reload = SignatureReload.Start(
            new(directory, MayBeMissing: true), new KeptLog(), interval: s_interval);
        Assert.Throws<SignatureListException>(() => SignatureReload.Start(new(directory), new KeptLog()));
        Assert.Equal(SignatureEngine.Load(null).Epoch, reload.Engine.Epoch);

        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "a.hdb"), $"{SignatureFiles.Md5([1])}:1:A\n");

        await Clamd.Engines.UntilAsync(() => reload.Engine.Count == 1, s_limit);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenListReplacedByOneOfEqualSizeAndTime_WhenLookedAt_ThenItIsLoaded()
    {
        using SignatureFiles files = new();
        byte[] content = SignatureFiles.Content(100);
        string list = files.WriteList("a.hdb", $"{SignatureFiles.Md5(content)}:100:A\n");
        using SignatureReload reload = SignatureReload.Start(new(files.Lists), new KeptLog(), interval: s_interval);
        DateTime time = File.GetLastWriteTimeUtc(list);
        await Task.Delay(100, TestContext.Current.CancellationToken);

        files.WriteList("a.hdb", $"{SignatureFiles.Md5(content)}:100:B\n");
        File.SetLastWriteTimeUtc(list, time);

        await Clamd.Engines.UntilAsync(
            () => files.ScanAsync(reload.Engine, content).GetAwaiter().GetResult() == Verdict.Infected("B"), s_limit);
    }
}
