using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// An open for writing only is allowed without a scan, whatever the file holds; nothing can be read in this way.
/// </summary>
public sealed class WriteShortcutTests
{
    private const string User = "65534";
    private const string Append = "0x401";
    private const string ReadWrite = "0x2";
    private const string ReadOnly = "0x0";
    private const string Rounds = "100";

    /// <summary>Allowed, and nothing could be read.</summary>
    private static string Unreadable { get; } = OpenerResult.Content([]);

    public static TheoryData<CachedPlace> Places() =>
        [CachedPlace.Ext4, CachedPlace.Xfs, CachedPlace.Btrfs, CachedPlace.Tmpfs, CachedPlace.Overlay];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Places))]
    public async Task GivenAnInfectedFile_WhenOpenedForWritingOnly_ThenItIsAllowedAndUnreadable(CachedPlace place)
    {
        await using ShortcutBed bed = await ShortcutBed.StartAsync(place);

        Assert.Equal(Unreadable, await bed.CallAsync("openat", Append));
        Assert.Equal(Unreadable, await bed.CallAsync("open", "0x1"));
        Assert.Equal(OpenerResult.Denied, await bed.CallAsync("openat", ReadOnly));
        Assert.Equal(OpenerResult.Denied, await bed.CallAsync("openat", ReadWrite));
        Assert.Equal(OpenerResult.Denied, await bed.CallAsync("openat2", Append));
        Assert.Equal(OpenerResult.Denied, await bed.CallAsync("compat-openat", Append));
        OpenerResult ofThreads = await Opener.RunAsync("two-threads", "call", "openat", Append, bed.Infected);
        Assert.Equal(OpenerResult.Denied, ofThreads.Line);

        LayerCounters counters = await LayerCounters.StopAsync(bed.Scanner);
        Assert.True(counters["write_shortcut", "taken"] == 2, $"{counters}");

        // Four that asked for more, and two that came, by way of /proc/self/fd, while the file was open for writing.
        Assert.True(counters["write_shortcut", "refused"] == 6, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenTheShortcutIsTurnedOff_WhenAnInfectedFileIsOpenedForWriting_ThenItIsDenied()
    {
        await using ShortcutBed bed = await ShortcutBed.StartAsync(CachedPlace.Ext4, "--no-write-shortcut");

        Assert.Equal(OpenerResult.Denied, await bed.CallAsync("openat", Append));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Places))]
    public async Task GivenAFileThatIsAppendedTo_WhenItIsInfectedByThat_ThenItIsDeniedAfterwards(CachedPlace place)
    {
        await using ShortcutBed bed = await ShortcutBed.StartAsync(place);
        string log = bed.In("log");

        // The first half may be read, and both halves came through opens that nobody scanned.
        await AppendAsync(log, Samples.Eicar[..30]);
        Assert.Equal(OpenerResult.Content(Samples.Eicar[..30]), (await Opener.RunAsync("open", log)).Line);
        await AppendAsync(log, Samples.Eicar[30..]);

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", log)).Line);
        LayerCounters counters = await LayerCounters.StopAsync(bed.Scanner);
        Assert.True(counters["write_shortcut", "taken"] == 1, $"{counters}");
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Lies))]
    public async Task GivenRegistersThatLie_WhenAnInfectedFileIsOpenedForReading_ThenItIsDenied(
        CachedPlace place, string lie)
    {
        await using ShortcutBed bed = await ShortcutBed.StartAsync(place);
        string[] writable = lie == "lie-how" ? [] : [bed.In("writable")];
        await Opener.PutAsync(bed.In("writable"), Samples.CleanText);

        OpenerResult result = await Opener.RunAsync(TimeSpan.FromSeconds(60), [lie, Rounds, .. writable, bed.Infected]);

        Assert.Equal(Unreadable, result.Line);

        // Else there would have been nothing to be deceived about.
        LayerCounters counters = await LayerCounters.StopAsync(bed.Scanner);
        Assert.True(counters["write_shortcut", "taken"] > 0, $"{counters}");
        Assert.True(counters["write_shortcut", "refused"] >= 50, $"{counters}");
    }

    public static TheoryData<CachedPlace, string> Lies()
    {
        TheoryData<CachedPlace, string> data = [];
        foreach (CachedPlace place in Places().Select(row => row.Data))
        {
            foreach (string lie in (string[])["lie-way-out", "lie-worker", "lie-poller", "lie-how"])
            {
                data.Add(place, lie);
            }
        }

        return data;
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Places))]
    public async Task GivenAFileThatAnotherFills_WhenOpenedToBeTruncated_ThenItIsDenied(CachedPlace place)
    {
        await using ShortcutBed bed = await ShortcutBed.StartAsync(place);
        using ChildProcess opener = ChildProcess.Start(
            TimeSpan.FromSeconds(60), Samples.Eicar, NativeProgram.Opener, ["lie-truncate", Rounds, bed.In("filled")]);

        Assert.Equal(Unreadable, OpenerResult.From(await opener.ResultAsync()).Line);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAnOverlayOfAUsersOwn_WhenItCopiesAnInfectedFileForAWriter_ThenTheCopyIsDenied()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);

        // What somebody else owns cannot be copied in a namespace of one's own.
        Assert.Equal(0, (await ChildProcess.RunAsync("chown", $"{User}:{User}", infected)).ExitCode);
        await watched.StartScannerAsync([], "--profile", "strict");

        OpenerResult result = await Opener.RunAsync(
            "as", User, "unshare-rm", "tmpfs-over", watched.Place, "overlay", watched.Mount.Path, watched.Place,
            "lie-copy-up", infected, Path.Combine(watched.Place, "merged", "infected"));

        Assert.Equal(OpenerResult.Denied, result.Line);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["write_shortcut", "taken"] == 1, $"{counters}");
        Assert.True(counters["write_shortcut", "refused"] == 1, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(CachedPlace.OverlayLower, true)]
    [InlineData(CachedPlace.OverlayAndBacking, false)]
    public async Task GivenAnInfectedFileInALowerLayer_WhenOpenedForWritingAndThenForReading_ThenTheCopyIsDenied(
        CachedPlace place, bool isCopied)
    {
        await using ShortcutBed bed = await ShortcutBed.StartInLowerLayerAsync(place);

        Assert.Equal(isCopied ? Unreadable : OpenerResult.Denied, await bed.CallAsync("openat", Append));

        Assert.Equal(isCopied, File.Exists(bed.InUpperLayer));
        Assert.Equal(OpenerResult.Denied, await bed.CallAsync("openat", ReadOnly));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAReaderWhoWaitsForTheSameScan_WhenItsFirstOpenerOnlyWrites_ThenTheReaderIsDenied()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using FakeClamd clamd = await FakeClamd.StartAsync("right", TimeSpan.FromSeconds(2), threads: 1);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string busy = await watched.Mount.WriteAsync("busy", Samples.CleanText);
        await watched.StartScannerAsync([], $"clamd:{clamd.SocketPath}", ["--profile", "strict", "--deadline", "20s"]);
        using Opener first = Opener.Start(TimeSpan.FromSeconds(30), "open", busy);
        await clamd.ScansReachAsync(1);

        using Opener writer = Opener.Start(TimeSpan.FromSeconds(30), "call", "openat", Append, infected);
        await writer.BlockedAsync();
        using Opener reader = Opener.Start(TimeSpan.FromSeconds(30), "open", infected);

        Assert.Equal(Unreadable, (await writer.ResultAsync()).Line);
        Assert.Equal(OpenerResult.Denied, (await reader.ResultAsync()).Line);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["write_shortcut", "taken"] == 1, $"{counters}");
    }

    private static async Task AppendAsync(string file, byte[] content)
    {
        using ChildProcess writer = ChildProcess.Start(
            TimeSpan.FromSeconds(20), content, "sh", ["-c", $"cat >> '{file}'"]);
        Assert.Equal(0, (await writer.ResultAsync()).ExitCode);
    }
}
