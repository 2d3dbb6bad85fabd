using System.Security.Cryptography;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Marked;

/// <summary>Which files the kernel is told to let pass unasked.</summary>
public sealed class MarkedFileTests
{
    private const int Opens = 20;

    public static TheoryData<FileSystemKind> Kinds =>
        [FileSystemKind.Ext4, FileSystemKind.Xfs, FileSystemKind.Btrfs];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Kinds))]
    public async Task GivenAFileThatOnlyRootCanWrite_WhenScanned_ThenItPassesUnasked(FileSystemKind kind)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        string file = await WriteAsync(watched, "file");
        await watched.StartScannerAsync([]);

        for (int i = 0; i < Opens; i++)
        {
            Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
        }

        await PassingFiles.AssertHasAsync(watched.Scanner, file);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["marks", "set"] == 1, $"{counters}");
        Assert.True(counters["contents", "miss"] == 1 && counters["memory", "hit"] == 0, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("chmod 646 \"$0\"")]
    [InlineData("chmod 664 \"$0\"")]
    [InlineData("chown 1000 \"$0\"")]
    [InlineData("setfacl -m u:1000:rw \"$0\"")]
    [InlineData("setfacl -m g:1000:rw \"$0\"")]
    public async Task GivenAFileThatUsersCanWrite_WhenScanned_ThenItIsAskedAbout(string handOver)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = await WriteAsync(watched, "file");
        CommandResult changed = await ChildProcess.RunAsync("sh", "-c", handOver, file);
        Assert.True(changed.ExitCode == 0, changed.Error);

        await AssertAskedAsync(watched, file);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("--no-kernel-marks")]
    [InlineData("--verbose")]
    [InlineData("--cache", "none")]
    public async Task GivenMarksThatAreTurnedOff_WhenAFileIsScanned_ThenItIsAskedAbout(params string[] options)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);

        await AssertAskedAsync(watched, await WriteAsync(watched, "file"), options);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileOnTmpfs_WhenScanned_ThenItIsAskedAbout()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);

        await AssertAskedAsync(watched, await WriteAsync(watched, "file"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenInfectedFilesAndOthersOutside_WhenOpened_ThenTheyAreAskedAbout()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string empty = await watched.Mount.WriteAsync("empty", []);
        await watched.StartScannerAsync([], "--observe");
        foreach (string file in (string[])[infected, empty])
        {
            Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
            Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
            Assert.False(await PassingFiles.HasAsync(watched.Scanner, file));
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData(CachedPlace.Overlay)]
    [InlineData(CachedPlace.OverlayLower)]
    public async Task GivenAFileOnAnOverlay_WhenScanned_ThenItIsAskedAbout(object place)
    {
        await using PlaceMount mount = await PlaceMount.CreateAsync((CachedPlace)place);
        await Opener.PutAsync(Path.Combine(mount.Layer, "file"), RandomNumberGenerator.GetBytes(5_000));
        await mount.AttachOverlayAsync();
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(
            mount.Path, "--engine", "signatures", "--state", mount.Mount.Work.Subdirectory("state"), "--json");

        await OpenTwiceAsync(Path.Combine(mount.Path, "file"));

        Assert.False(await PassingFiles.HasAsync(scanner, Path.Combine(mount.Path, "file")));
        LayerCounters counters = await LayerCounters.StopAsync(scanner);
        Assert.True(counters["marks", "set"] == 0 && counters["contents", "hit"] == 1, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileThatIsWritten_WhenSomeTimeHasPassed_ThenItPassesBeforeAnybodyOpensIt()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(FileSystemKind.Ext4);

        string file = await WriteAsync(watched, "file");

        await PassingFiles.AssertHasAsync(watched.Scanner, file);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileThatPasses_WhenItsInodeLeavesMemory_ThenTheNextHitLetsItPassAgain()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = await WriteAsync(watched, "file");
        await watched.StartScannerAsync([]);
        await OpenTwiceAsync(file);
        await PassingFiles.AssertHasAsync(watched.Scanner, file);

        bool isGone = await Poll.UntilAsync(TimeSpan.FromSeconds(20), async () =>
        {
            CommandResult dropped = await ChildProcess.RunAsync(
                "sh", "-c", "sync -f \"$0\" && dd if=\"$0\" iflag=nocache count=0 status=none; echo 2 > /proc/sys/vm/drop_caches", file);
            Assert.True(dropped.ExitCode == 0, dropped.Error);
            return !await PassingFiles.HasAsync(watched.Scanner, file);
        });
        Assert.True(isGone, "the inode stays in memory");

        await OpenTwiceAsync(file);

        await PassingFiles.AssertHasAsync(watched.Scanner, file);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["memory", "hit"] >= 1 && counters["contents", "miss"] == 1, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenFilesOnSubvolumes_WhenScanned_ThenTheyPassAndNoticesFindThem()
    {
        const int volumes = 10;
        const int followed = 8;
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Btrfs);
        for (int i = 0; i < volumes; i++)
        {
            CommandResult made = await ChildProcess.RunAsync(
                "btrfs", "-q", "subvolume", "create", watched.Mount.In($"volume{i}"));
            Assert.True(made.ExitCode == 0, made.Error);
            for (int file = 0; file <= i; file++)
            {
                // So that the last one's inode has a number that no other volume's last one has.
                await WriteAsync(watched, $"volume{i}/{file}");
            }
        }

        await watched.StartScannerAsync([]);
        for (int i = 0; i < volumes; i++)
        {
            await OpenTwiceAsync(watched.Mount.In($"volume{i}/{i}"));
        }

        for (int i = 0; i < followed; i++)
        {
            string file = watched.Mount.In($"volume{i}/{i}");
            await PassingFiles.AssertHasAsync(watched.Scanner, file);
            Assert.Equal(0, (await ChildProcess.RunAsync("chmod", "666", file)).ExitCode);
            await PassingFiles.AssertHasNotAsync(watched.Scanner, file);
        }

        // Each takes a group to listen to, and there are not many.
        Assert.False(await PassingFiles.HasAsync(watched.Scanner, watched.Mount.In($"volume{followed}/{followed}")));
    }

    private static Task<string> WriteAsync(WatchedFileSystem watched, string name) =>
        watched.Mount.WriteAsync(name, RandomNumberGenerator.GetBytes(5_000));

    private static async Task OpenTwiceAsync(string file)
    {
        Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
        Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
    }

    private static async Task AssertAskedAsync(WatchedFileSystem watched, string file, params string[] options)
    {
        await watched.StartScannerAsync([], ["--kept-leases", "0", .. options]);
        await OpenTwiceAsync(file);
        Assert.False(await PassingFiles.HasAsync(watched.Scanner, file));
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["marks", "set"] == 0, $"{counters}");
    }
}
