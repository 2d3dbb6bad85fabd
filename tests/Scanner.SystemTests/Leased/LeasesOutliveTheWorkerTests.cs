using System.Globalization;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Leased;

/// <summary>The worker may die or stop at any time; the leases that its verdicts rest on stay.</summary>
public sealed class LeasesOutliveTheWorkerTests
{
    private const int Files = 20;
    private const string LeaseBreakTime = "/proc/sys/fs/lease-break-time";

    [Theory(Timeout = 120_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    public async Task GivenKeptLeases_WhenTheWorkerIsKilledAndFilesBecomeInfected_ThenTheyAreDenied(FileSystemKind kind)
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(kind, Files);
        await files.WarmAsync();

        Signals.Kill(await files.Scanner.WorkerAsync());

        Assert.Equal([], await ChangeAndOpenAsync(files));
        _ = await files.Scanner.WorkerAsync();
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenKeptLeases_WhenTheDaemonHandsOverAndFilesBecomeInfected_ThenTheyAreDenied()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, Files);
        await files.WarmAsync();
        int before = await files.Scanner.WorkerAsync();
        Signals.User2(files.Scanner.SupervisorId);
        bool isReplaced = await Poll.UntilAsync(
            TimeSpan.FromSeconds(20),
            () => files.Scanner.TryFindWorker() is int worker and not 0 && worker != before);
        Assert.True(isReplaced, $"{files.Scanner}");

        Assert.Equal([], await ChangeAndOpenAsync(files));
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenLeasesKeptByTheProcessThatScans_WhenItIsKilledAndFilesBecomeInfected_ThenTheyAreRead()
    {
        await using LeasedFiles files = await LeasedFiles.PrepareAsync(FileSystemKind.Ext4, Files);
        await files.Mount.WriteAsync(".scratch-file-system", []);
        using ChildProcess keeper = ChildProcess.Start(
            TimeSpan.FromSeconds(60), null, NativeProgram.At("naive_keeper"), [files.Mount.Path, files.Infected]);
        int worker = await ReadyAsync(keeper);
        await files.OpenAllAsync();

        // It would pass all the other tests.
        await files.ChangeAsync(0);
        await files.AssertDeniedAsync(0);

        Signals.Kill(worker);
        _ = await ReadyAsync(keeper);

        IReadOnlyList<int> read = await ChangeAndOpenAsync(files, first: 1);
        Assert.True(read.Count > Files / 2, $"only {read.Count} infected files could be read");
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenKeptLeases_WhenTheWorkerIsStoppedForLongerThanALeaseLasts_ThenWritersDoNotWaitForIt()
    {
        string usual = (await File.ReadAllTextAsync(LeaseBreakTime, TestContext.Current.CancellationToken)).Trim();
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, Files);
        try
        {
            await File.WriteAllTextAsync(LeaseBreakTime, "1", TestContext.Current.CancellationToken);
            await files.WarmAsync();
            int worker = await files.Scanner.WorkerAsync();
            Signals.Stop(worker);

            TimeSpan longest = TimeSpan.Zero;
            for (int i = 0; i < Files / 2; i++)
            {
                TimeSpan waited = await files.ChangeAsync(i);
                longest = waited > longest ? waited : longest;
            }

            Assert.True(longest < TimeSpan.FromMilliseconds(500), $"a writer waited for {longest}");
            await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
            for (int i = 0; i < Files; i++)
            {
                if (i >= Files / 2)
                {
                    await files.ChangeAsync(i);
                }

                await files.AssertDeniedAsync(i);
            }

            Assert.NotEqual(worker, await files.Scanner.WorkerAsync());
        }
        finally
        {
            await File.WriteAllTextAsync(LeaseBreakTime, usual, CancellationToken.None);
        }
    }

    /// <summary>Makes files infected, one after the other, and opens each at once.</summary>
    /// <returns>Those that could be read.</returns>
    private static async Task<IReadOnlyList<int>> ChangeAndOpenAsync(LeasedFiles files, int first = 0)
    {
        List<int> read = [];
        for (int i = first; i < files.Count; i++)
        {
            await files.ChangeAsync(i);
            if ((await files.OpenAsync(i)).Line != OpenerResult.Denied)
            {
                read.Add(i);
            }
        }

        return read;
    }

    /// <summary>Waits until the process that scans has begun, and returns its id.</summary>
    private static async Task<int> ReadyAsync(ChildProcess keeper)
    {
        string? line = await keeper.ReadLineAsync();
        Assert.StartsWith("ready ", line);
        return int.Parse(line!["ready ".Length..], CultureInfo.InvariantCulture);
    }
}
