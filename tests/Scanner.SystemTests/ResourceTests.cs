using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>What the processes use stays small, also after much work.</summary>
public sealed class ResourceTests(ITestOutputHelper output)
{
    private const long MostSupervisorBytes = 35L << 20;
    private const int MostSupervisorDescriptors = 300;

    /// <summary>What the runtime may open for itself in passing.</summary>
    private const int Slack = 4;

    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(3);

    [Fact(Timeout = 120_000)]
    public async Task GivenTwoThousandOpens_WhenTheyAreAnswered_ThenTheSupervisorIsStillSmall()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", "--deadline", "30s");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 20);

        for (int i = 0; i < 4; i++)
        {
            (await LoadFiles.FloodAsync(list, 500, TimeSpan.FromSeconds(30))).AssertAllRight();
        }

        long bytes = ProcessTable.ResidentBytes(watched.Scanner.SupervisorId);
        int descriptors = ProcessTable.DescriptorsOf(watched.Scanner.SupervisorId);
        output.WriteLine($"supervisor: {bytes / 1048576.0:F1} MB resident, {descriptors} descriptors");
        Assert.True(bytes < MostSupervisorBytes, $"{bytes} bytes");
        Assert.True(descriptors <= MostSupervisorDescriptors, $"{descriptors} descriptors");
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenTwentyThousandOpens_WhenTheyAreAnswered_ThenTheWorkerHoldsNoMoreDescriptorsThanBefore()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", "--deadline", "30s");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 20);
        int worker = await watched.Scanner.WorkerAsync();
        (await LoadFiles.FloodAsync(list, 200, TimeSpan.FromSeconds(30))).AssertAllRight();
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        int before = ProcessTable.DescriptorsOf(worker);

        for (int opens = 0; opens < 20_000;)
        {
            LoadResult result = LoadResult.From(await Opener.RunAsync("loop", "4", "2", list, "10"));
            result.AssertAllRight();
            opens += result.Opens;
        }

        bool settled = await Poll.UntilAsync(_settled, () => ProcessTable.DescriptorsOf(worker) <= before + Slack);
        Assert.True(settled, $"{before} descriptors before, {ProcessTable.DescriptorsOf(worker)} after");
        Assert.Equal(worker, await watched.Scanner.WorkerAsync());
    }

    [Theory(Timeout = 180_000)]
    [InlineData("private")]
    [InlineData("shared")]
    public async Task GivenManyMountsBelowTheDirectory_WhenTheyComeAndGo_ThenEachIsProtectedAndNoGroupIsLeft(
        string propagation)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        string point = watched.Mount.Subdirectory("point");
        await ChildProcess.MustAsync("mount", $"--make-{propagation}", watched.Mount.Path);
        await watched.StartScannerAsync([], "--profile", "strict");
        int before = ProcessTable.DescriptorsOf(watched.Scanner.SupervisorId);
        int worker = await watched.Scanner.WorkerAsync();
        int workerBefore = ProcessTable.DescriptorsOf(worker);

        for (int i = 0; i < 60; i++)
        {
            await ChildProcess.MustAsync("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "scanner-tests", point);
            string infected = Path.Combine(point, "infected");
            await Opener.PutAsync(infected, Samples.Eicar);
            bool denied = await Poll.UntilAsync(
                _noticed, async () => (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);
            Assert.True(denied, $"mount {i} is not protected:\n{watched.Scanner}");
            await ChildProcess.MustAsync("umount", point);
        }

        bool settled = await Poll.UntilAsync(
            _settled,
            () => ProcessTable.DescriptorsOf(watched.Scanner.SupervisorId) <= before
                && ProcessTable.DescriptorsOf(worker) <= workerBefore + Slack);
        Assert.True(
            settled,
            $"supervisor {before}, then {ProcessTable.DescriptorsOf(watched.Scanner.SupervisorId)}; "
                + $"worker {workerBefore}, then {ProcessTable.DescriptorsOf(worker)}:\n"
                + ProcessTable.DescribeDescriptors(worker));
    }
}
