using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>Thousands wait for an engine that never ends: who opens what is known already hardly notices.</summary>
public sealed class StalledEngineTests(ITestOutputHelper output)
{
    private const int Pending = 1_500;

    /// <summary>So many that none of them has a crowd, which would be cut down.</summary>
    private const int Users = Pending / 30;

    private const int Owner = 60_001;
    private const int Known = 400;

    /// <summary>clamd's default.</summary>
    private const int Threads = 10;

    /// <summary>Generous: the benchmark says how far from it a quiet machine is.</summary>
    private static readonly TimeSpan _mostInAnotherGroup = TimeSpan.FromMilliseconds(100);

    /// <summary>What one answer after the other would take for all of them: each wakes everybody who waits.</summary>
    private static readonly TimeSpan _mostInTheSameGroup = TimeSpan.FromSeconds(1);

    [Fact(Timeout = 180_000)]
    public async Task GivenManyWhoWaitForAStalledEngine_WhenKnownFilesAreOpened_ThenTheyAreAnsweredAtOnce()
    {
        await using FakeClamd server = await FakeClamd.StartAsync(
            "slow-uid", TimeSpan.FromMinutes(3), Threads, slowUser: Owner, isSettled: true);
        await using LoopMount same = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        await using LoopMount other = await LoopMount.CreateAsync(FileSystemKind.Xfs);
        string stalled = await WriteStalledFilesAsync(same);
        string[] lists = [await WriteKnownFilesAsync(same), await WriteKnownFilesAsync(other)];
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(
            same.Path, other.Path, "--engine", $"clamd:{server.SocketPath}", "--deadline", "3m",
            "--profile", "strict", "--cache", "memory", "--no-kernel-marks", "--json");
        foreach (string list in lists)
        {
            (await SweepAsync(list, 4)).AssertAllRight();
        }

        using ChildProcess pending = ChildProcess.Start(
            TimeSpan.FromMinutes(2), null, NativeProgram.At("pending_opens"), [$"{Pending}", $"{Users}", stalled]);
        Assert.Equal("ready", await pending.ReadLineAsync());
        LoadResult inTheSameGroup = await SweepAsync(lists[0], 16);
        LoadResult inAnotherGroup = await SweepAsync(lists[1], 4);
        Task<string?> answered = pending.ReadLineAsync();

        output.WriteLine($"same group {inTheSameGroup.Line}\nother group {inAnotherGroup.Line}");
        Assert.False(answered.IsCompleted, "an open that had to wait was answered");
        pending.Kill();
        inTheSameGroup.AssertAllRight();
        inAnotherGroup.AssertAllRight();
        Assert.True(inTheSameGroup.P99Wait < _mostInTheSameGroup, inTheSameGroup.Line);
        Assert.True(inAnotherGroup.P99Wait < _mostInAnotherGroup, inAnotherGroup.Line);

        // A daemon that is stopped waits for what it was asked, and nobody stalls any more then.
        await server.EndAsync();
        LayerCounters counters = await LayerCounters.StopAsync(scanner);
        Assert.True(counters["memory", "hit"] >= 2 * Known, $"{counters}");
    }

    private static async Task<LoadResult> SweepAsync(string list, int processes) =>
        LoadResult.From(await Opener.RunAsync(TimeSpan.FromSeconds(40), "sweep", $"{processes}", list, "30"));

    /// <summary>
    /// Larger than what is copied before it is scanned, for the engine must see whose they are; holes, that take no
    /// room.
    /// </summary>
    private static async Task<string> WriteStalledFilesAsync(LoopMount mount)
    {
        string directory = mount.Subdirectory("stalled");
        CommandResult written = await ChildProcess.RunAsync(
            "sh", "-ec",
            $"cd '{directory}'; seq 0 {Pending - 1} | xargs truncate -s 32M; chown -R {Owner} .");
        written.AssertSucceeded();
        return directory;
    }

    private static async Task<string> WriteKnownFilesAsync(LoopMount mount)
    {
        string list = mount.Work.In("known");
        string directory = mount.Subdirectory("known");
        await File.WriteAllLinesAsync(
            list,
            Enumerable.Range(0, Known).Select(i => $"c {directory}/{i}"),
            TestContext.Current.CancellationToken);
        using ChildProcess writer = ChildProcess.Start(
            TimeSpan.FromSeconds(20), Samples.CleanText, NativeProgram.Opener, ["fill-list", list, "4096"]);
        Assert.StartsWith($"ok {Known} ", (await writer.ResultAsync()).Output);
        return list;
    }
}
