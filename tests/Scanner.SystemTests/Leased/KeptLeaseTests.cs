using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Marked;

namespace Scanner.SystemTests.Leased;

/// <summary>On which files leases are kept, on how many, and for how long.</summary>
public sealed class KeptLeaseTests(ITestOutputHelper output)
{
    private const int Opens = 20;

    [Theory(Timeout = 60_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    public async Task GivenAFileThatUsersCanWrite_WhenItIsOpenedAgainAndAgain_ThenItIsAskedAboutTwice(FileSystemKind kind)
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(kind, 1);
        await files.AssertCleanAsync(0);
        await files.AssertCleanAsync(0);
        await KeptLeases.AssertAsync(files.Scanner, files.Mount.Path, 1);
        await PassingFiles.AssertHasAsync(files.Scanner, files.PathOf(0));

        for (int i = 0; i < Opens; i++)
        {
            await files.AssertCleanAsync(0);
        }

        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        Assert.True(counters["contents", "miss"] == 1, $"{counters}");
        Assert.True(counters["memory", "hit"] == 1, $"{counters}");
        Assert.True(counters["leases", "taken"] == 1, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("--profile", "strict")]
    [InlineData("--kept-leases", "0")]
    [InlineData("--no-kernel-marks")]
    [InlineData("--cache", "none")]
    [InlineData("--verbose")]
    public async Task GivenADaemonThatIsToKeepNone_WhenAFileIsOpenedAgainAndAgain_ThenItIsAskedAboutEachTime(
        params string[] options)
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 1, options);

        for (int i = 0; i < Opens; i++)
        {
            await files.AssertCleanAsync(0);
            Assert.Empty(KeptLeases.In(files.Scanner, files.Mount.Path));
        }

        await files.ChangeAsync(0);
        await files.AssertDeniedAsync(0);
        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        Assert.True(counters["leases", "offered"] == 0 && counters["leases", "room"] == 0, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileOfAnOverlayWhoseLayersAreWatched_WhenItIsOpenedAgain_ThenALeaseIsKeptOnItInItsLayer()
    {
        await using WatchedCachedFiles watched = new()
        {
            Places = [CachedPlace.OverlayAndBacking],
            Ways = way => way is { IsWritableForAll: true, Command: "write" },
            Options = ["--profile", "available"],
        };

        CachedFiles files = await watched.GetAsync(CachedPlace.OverlayAndBacking);

        // The overlay has mounts of its own for its layers, where paths begin.
        CachedFile file = files.All.Single(file => !file.Way.IsHeld && !file.Way.IsBelow);
        await KeptLeases.AssertOnAsync(watched.Scanner, file.Path[files.Place.Path.Length..]);
        await file.ChangeAsync();
        Assert.Null(await file.FindFaultAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileOnTmpfs_WhenItIsOpenedAgainAndAgain_ThenNoLeaseIsKept()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Tmpfs, 1);

        for (int i = 0; i < Opens; i++)
        {
            await files.AssertCleanAsync(0);
        }

        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        Assert.True(counters["leases", "offered"] == 0, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileThatOnlyRootCanWrite_WhenItIsOpenedAgainAndAgain_ThenNoLeaseIsKept()
    {
        await using LeasedFiles files = await LeasedFiles.PrepareAsync(FileSystemKind.Ext4, 1);
        File.SetUnixFileMode(files.PathOf(0), (UnixFileMode)0b110_100_100);
        await files.StartScannerAsync([]);

        for (int i = 0; i < Opens; i++)
        {
            await files.AssertCleanAsync(0);
        }

        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        Assert.True(counters["leases", "offered"] == 0, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenMoreFilesThanLeasesMayBeKept_WhenTheyAreOpenedAgainAndAgain_ThenTheOthersAreAskedAbout()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 20, "--kept-leases", "5");

        await files.OpenAllAsync();
        await files.OpenAllAsync();

        await KeptLeases.AssertAsync(files.Scanner, files.Mount.Path, 5);
        for (int i = 0; i < files.Count; i++)
        {
            await files.ChangeAsync(i);
            await files.AssertDeniedAsync(i);
        }

        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        output.WriteLine($"{counters}");
        Assert.True(counters["leases", "broken"] >= 5, $"{counters}");
        Assert.True(counters["leases", "room"] == 5, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenALimitOfPendingSignals_WhenLeasesAreKept_ThenTheyAreHalfAsMany()
    {
        await using LeasedFiles files = await LeasedFiles.PrepareAsync(FileSystemKind.Ext4, 20);
        await files.StartScannerAsync(["prlimit", "--sigpending=16"]);

        await files.OpenAllAsync();

        await KeptLeases.AssertAsync(files.Scanner, files.Mount.Path, 8);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenKeptLeases_WhenTheFilesAreNotUsed_ThenTheirFileSystemCanSoonBeUnmounted()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 20, "--lease-time", "2s");
        await files.WarmAsync();
        Assert.NotEqual(0, (await LoopMount.DetachAsync(files.Mount.Path)).ExitCode);

        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        CommandResult umount = await LoopMount.DetachAsync(files.Mount.Path);
        Assert.True(umount.ExitCode == 0, umount.Error);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAKeptLease_WhenItsTimeIsOver_ThenTheNextOpenBringsItBack()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 1, "--lease-time", "2s");
        for (int i = 0; i < 50; i++)
        {
            await files.AssertCleanAsync(0);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }

        // On a busy machine fewer opens share a lease.
        LayerCounters counters = await LayerCounters.StopAsync(files.Scanner);
        Assert.True(counters["leases", "taken"] >= 2, $"{counters}");
        Assert.True(counters["leases", "expired"] >= 1, $"{counters}");
        Assert.InRange(counters["memory", "hit"], counters["leases", "taken"], 25);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GivenAFileSystemMountedLater_WhenItsFilesAreOpened_ThenLeasesAreKeptOnlyIfThatWasAskedFor(bool isAsked)
    {
        await using LeasedFiles files = await LeasedFiles.PrepareAsync(FileSystemKind.Ext4, 10);
        await using LoopMount around = await LoopMount.CreateAsync(FileSystemKind.Tmpfs);
        await LoopMount.DetachAsync(files.Mount.Path);
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(
            [around.Path, .. isAsked ? (string[])["--lease-later-mounts"] : []]);
        string point = around.Subdirectory("later");
        await files.Mount.AttachAsync(point);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        string list = files.Mount.Work.In("later");
        File.WriteAllLines(list, Enumerable.Range(0, files.Count).Select(i => $"c {point}/file{i}"));

        await files.OpenAllAsync(list);

        await KeptLeases.AssertAsync(scanner, point, isAsked ? files.Count : 0);
        CommandResult umount = await LoopMount.DetachAsync(point);
        Assert.True(umount.ExitCode == 0 == !isAsked, umount.Error);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenALaterMountOfAWatchedFileSystem_WhenFilesAreOpenedThroughIt_ThenItCanBeUnmountedAtOnce()
    {
        await using LeasedFiles files = await LeasedFiles.StartAsync(FileSystemKind.Ext4, 10);
        string point = files.Mount.Work.Subdirectory("bind");
        Assert.Equal(0, (await ChildProcess.RunAsync("mount", "--bind", files.Mount.Path, point)).ExitCode);
        string list = files.Mount.Work.In("later");
        File.WriteAllLines(list, Enumerable.Range(0, files.Count).Select(i => $"c {point}/file{i}"));

        await files.OpenAllAsync(list);

        CommandResult umount = await LoopMount.DetachAsync(point);
        Assert.True(umount.ExitCode == 0, umount.Error);
        await files.WarmAsync();
    }
}
