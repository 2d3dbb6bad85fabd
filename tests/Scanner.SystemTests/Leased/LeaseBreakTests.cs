using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Leased;

/// <summary>What a kept lease means for those who write.</summary>
public sealed class LeaseBreakTests(ITestOutputHelper output)
{
    /// <summary>Generous: on an idle machine 99 of 100 wait for less than 0.2 ms.</summary>
    private static readonly TimeSpan _mostAtP99 = TimeSpan.FromMilliseconds(20);

    [Fact(Timeout = 120_000)]
    public async Task GivenManyKeptLeases_WhenTheFilesAreOpenedForWriting_ThenNobodyWaitsLong()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 3_000);
        await files.WarmAsync();
        string[] writes = [.. Enumerable.Range(0, files.Count).Select(i => $"w {files.PathOf(i)}")];
        new Random(1).Shuffle(writes);
        string list = files.Mount.Work.In("writes");
        await File.WriteAllLinesAsync(list, writes, TestContext.Current.CancellationToken);

        LoadResult result = LoadResult.From(await Opener.RunAsync("sweep", "1", list, "30"));

        output.WriteLine(result.Line);
        Assert.Equal(files.Count, result.CleanAllowed);
        Assert.True(result.P99Wait < _mostAtP99, result.Line);
        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        output.WriteLine($"{counters}");
        Assert.Equal(files.Count, counters["leases", "broken"]);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAKeptLease_WhenSomebodyOpensTheFileForWritingWithoutWaiting_ThenThatFailsOnceAndNotAgain()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 1);
        await files.WarmAsync();

        Assert.Equal(11, await StoreAsync(files, "Content!"));
        await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        for (int round = 0; round < 3; round++)
        {
            // The file was wanted for writing just now, so it is left alone, however often it is read.
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
            await files.OpenAllAsync();
            Assert.Equal(0, await StoreAsync(files, $"Round {round}!"));
        }

        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        Assert.True(counters["leases", "taken"] == 1, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    public async Task GivenKeptLeases_WhenAProgramUsesLeasesItself_ThenItGetsThem(FileSystemKind kind)
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(kind, 50);
        await files.WarmAsync();
        for (int i = 0; i < files.Count; i++)
        {
            Assert.StartsWith("ok ", (await Opener.RunAsync("use-leases", files.PathOf(i), "20")).Line);
        }

        for (int i = 0; i < files.Count; i++)
        {
            await files.AssertCleanAsync(i);
            await files.ChangeAsync(i);
            await files.AssertDeniedAsync(i);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenTooManyPendingSignals_WhenKeptLeasesAreBroken_ThenEachIsFoundAllTheSame()
    {
        await using LeasedFiles files = await LeasedFiles.PrepareAsync(FileSystemKind.Ext4, 100);
        await files.StartScannerAsync(["prlimit", "--sigpending=1000"]);
        await files.WarmAsync();
        using Opener filler = Opener.Start(TimeSpan.FromSeconds(40), "fill-signals", "2000");
        await filler.SaysAsync("full");

        for (int i = 0; i < files.Count; i++)
        {
            TimeSpan waited = await files.ChangeAsync(i);
            Assert.True(waited < TimeSpan.FromSeconds(2), $"{waited}");
            await files.AssertDeniedAsync(i);
        }

        filler.Kill();
        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        output.WriteLine($"{counters}");
        Assert.True(counters["leases", "sweeps"] > 0, $"{counters}");
        Assert.Equal(files.Count, counters["leases", "broken"]);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenFilesThatAreOpenedAllTheTime_WhenTheyBecomeInfected_ThenEachIsDeniedFromThenOn()
    {
        // Leases last a second, so that they are taken, given up and broken while files change.
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 300, "--lease-time", "1s");
        await files.OpenAllAsync();
        using Opener openers = Opener.Start(TimeSpan.FromSeconds(90), "loop", "3", "60", files.List, "10");
        await openers.SaysAsync("started");

        string[] ways = ["mmap-closed", "write", "mmap", "mmap-msync", "truncate"];
        for (int i = 0; i < files.Count; i++)
        {
            await files.ChangeAsync(i, ways[i % ways.Length]);
            await files.AssertDeniedAsync(i);
        }

        openers.Kill();
        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        output.WriteLine($"{counters}");
        Assert.True(counters["leases", "broken"] > files.Count / 2, $"{counters}");
    }

    /// <summary>By a program that opens with O_NONBLOCK. Returns its exit code, an errno.</summary>
    private static async Task<int> StoreAsync(LeasedFiles files, string text) =>
        (await ChildProcess.RunAsync(NativeProgram.At("mmap_store"), files.PathOf(0), text)).ExitCode;
}
