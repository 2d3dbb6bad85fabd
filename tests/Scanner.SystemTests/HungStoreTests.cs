using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A place for verdicts that is full, locked, or never done with a write: opens do not wait for it.</summary>
public sealed class HungStoreTests(ITestOutputHelper output)
{
    private const string Database = "verdicts.db";
    private const int Pairs = 100;

    /// <summary>Half of the scans that the built-in engine does at a time.</summary>
    private static readonly int _mostHanging = Math.Clamp(Environment.ProcessorCount, 2, 8);

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _afterDeadline = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a store may take to write what it has.</summary>
    private static readonly TimeSpan _stored = TimeSpan.FromSeconds(1.5);

    [Fact(Timeout = 90_000)]
    public async Task GivenADiskThatGetsFull_WhenFilesAreOpened_ThenEveryAnswerIsRightAndInTime()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string state = watched.Mount.Work.Subdirectory("state");
        await ChildProcess.MustAsync("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "scanner-tests", state);
        await StartAsync(watched);
        CommandResult filled = await ChildProcess.RunAsync(
            "dd", "if=/dev/zero", $"of={state}/rest", "bs=4k", "count=1k", "status=none");
        Assert.Contains("No space left", filled.Error, StringComparison.Ordinal);

        await AssertAllRightAsync(watched);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["store", "write_errors"] > 0, $"{counters}");
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenAStoreThatSomebodyLocks_WhenFilesAreOpened_ThenFewLookUpsHangAndEveryAnswerIsInTime()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await StartAsync(watched);
        using ChildProcess locker = ChildProcess.Start(
            TimeSpan.FromSeconds(60),
            null,
            NativeProgram.At("lock_store"),
            [Path.Combine(watched.Mount.Work.In("state"), Database)]);
        Assert.Equal("locked", await locker.ReadLineAsync());

        await AssertAllRightAsync(watched, _mostHanging);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["store", "kept"] == 0, $"{counters}");
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenAStoreOnADiskThatGoesAway_WhenFilesAreOpened_ThenFewLookUpsHangAndEveryAnswerIsInTime()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using StalledDisk disk = await StalledDisk.CreateAsync();
        await ChildProcess.MustAsync("mount", "--bind", disk.Path, watched.Mount.Work.Subdirectory("state"));
        await StartAsync(watched);
        await ChildProcess.MustAsync("sync", "--file-system", disk.Path);
        await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3", TestContext.Current.CancellationToken);
        disk.GoAway();

        await AssertAllRightAsync(watched, _mostHanging);

        disk.ComeBack();
        Assert.Equal(0, await watched.Scanner.StopAsync());
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenAStoreWhoseWritesHang_WhenFilesAreOpened_ThenEveryAnswerIsRightAndInTime()
    {
        Requirement.Tool("fsfreeze");
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using LoopMount disk = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        await ChildProcess.MustAsync("mount", "--bind", disk.Path, watched.Mount.Work.Subdirectory("state"));
        await StartAsync(watched);
        await ChildProcess.MustAsync("fsfreeze", "--freeze", disk.Path);
        try
        {
            await AssertAllRightAsync(watched);
        }
        finally
        {
            await ChildProcess.MustAsync("fsfreeze", "--unfreeze", disk.Path);
        }

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["store", "kept"] > 0, $"{counters}");
    }

    private static async Task StartAsync(WatchedFileSystem watched)
    {
        await watched.StartScannerAsync(
            [], "--profile", "available", "--deadline", $"{(int)_deadline.TotalSeconds}s", "--cache", "disk");
        Assert.Contains(
            watched.Scanner.Error.Lines, line => line.Contains("Verdicts are kept in", StringComparison.Ordinal));
    }

    /// <param name="watched">Where.</param>
    /// <param name="mostOverdue">How many of the first opens may be answered without a verdict.</param>
    private async Task AssertAllRightAsync(WatchedFileSystem watched, int mostOverdue = 0)
    {
        string list = await LoadFiles.CreateAsync(watched.Mount, Pairs);
        foreach (bool isAgain in (bool[])[false, true])
        {
            LoadResult result = LoadResult.From(
                await Opener.RunAsync(TimeSpan.FromSeconds(40), "sweep", "8", list, "30"));
            output.WriteLine(result.Line);
            Assert.True(result is { Opens: 2 * Pairs, CleanDenied: 0, Other: 0, Hung: 0 }, result.Line);
            Assert.True(result.InfectedAllowed <= (isAgain ? 0 : mostOverdue), result.Line);
            result.AssertNoWaitBeyond(_deadline + _afterDeadline);
            await Task.Delay(isAgain ? TimeSpan.Zero : _stored, TestContext.Current.CancellationToken);
        }
    }
}
