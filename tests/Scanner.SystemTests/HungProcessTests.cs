using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// A process that is looked at while the kernel holds it on its way to another program, for as long as its user's FUSE
/// server likes: its thread that opened a file is gone, and the event is still being decided on.
/// </summary>
public sealed class HungProcessTests(ITestOutputHelper output)
{
    private const int UserId = 65534;
    private const string Append = "0x401";

    private static readonly string _user = $"{UserId}";
    private static readonly TimeSpan _scan = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(5);

    [Theory(Timeout = 120_000)]
    [InlineData(1)]
    [InlineData(50)]
    public async Task GivenProcessesThatHang_WhenTheirFilesAreFoundInfected_ThenOthersAreDecidedOnInTime(int processes)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using StalledMount served = await StalledMount.MountAsync(watched.Place, _user, "close");
        await using FakeClamd clamd = await FakeClamd.StartAsync("slow-uid", _scan, slowUser: UserId);
        string infected = await WriteUsersAsync(watched, Samples.Eicar);
        await StartAsync(watched, clamd, "available");
        using Opener hanging = Hang(served, processes, "open", infected);
        await Task.Delay(2 * _scan, TestContext.Current.CancellationToken);

        await AssertDecidedInTimeAsync(watched, infected);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAProcessThatHangs_WhenItsFileIsWritten_ThenOthersAreDecidedOnInTime()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using FakeClamd clamd = await FakeClamd.StartAsync("slow-uid", _scan, threads: 1, slowUser: UserId);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        string log = await watched.Mount.WriteAsync("log", Samples.CleanText);
        string busy = await WriteUsersAsync(watched, Samples.CleanText);
        await StartAsync(watched, clamd, "strict");
        using ChildProcess writer = ChildProcess.Start(
            TimeSpan.FromSeconds(40), null, "sh", ["-c", $"exec 3>>'{log}'; echo open; sleep 40"]);
        Assert.Equal("open", await writer.ReadLineAsync());
        await using (StalledMount served = await StalledMount.MountAsync(watched.Place, _user, "close"))
        {
            // The engine is busy, so that what the process wants is asked for when it hangs.
            using Opener first = Opener.Start(TimeSpan.FromSeconds(30), "open", busy);
            await clamd.ScansReachAsync(1);
            using Opener hanging = Opener.Start(
                TimeSpan.FromSeconds(30), "exec-beside", "500", $"{served.Path}/held", "call", "openat", Append, log);
            await first.ResultAsync();

            await AssertDecidedInTimeAsync(watched, infected);
        }

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["write_shortcut", "refused"] > 0, $"{counters}");
    }

    private static Opener Hang(StalledMount served, int processes, params string[] command) => Opener.Start(
        TimeSpan.FromSeconds(60),
        ["as", _user, "many", $"{processes}", "exec-beside", "500", $"{served.Path}/held", .. command]);

    private static Task StartAsync(WatchedFileSystem watched, FakeClamd clamd, string profile) =>
        watched.StartScannerAsync(
            [],
            $"clamd:{clamd.SocketPath}",
            ["--profile", profile, "--deadline", $"{(int)_deadline.TotalSeconds}s", "--cache", "none"]);

    /// <summary>A file whose scan takes long.</summary>
    private static async Task<string> WriteUsersAsync(WatchedFileSystem watched, byte[] content)
    {
        string path = await watched.Mount.WriteAsync("users", content);
        Assert.Equal(0, (await ChildProcess.RunAsync("chown", _user, path)).ExitCode);
        return path;
    }

    private async Task AssertDecidedInTimeAsync(WatchedFileSystem watched, string infected)
    {
        for (int i = 0; i < 10; i++)
        {
            string clean = await watched.Mount.WriteAsync($"clean{i}", Samples.CleanText);
            OpenerResult ofClean = await Opener.RunAsync("open", clean);
            OpenerResult ofInfected = await Opener.RunAsync("open", infected);
            output.WriteLine($"decided after {ofClean.Elapsed} and {ofInfected.Elapsed}");

            Assert.Equal(OpenerResult.Content(Samples.CleanText), ofClean.Line);
            Assert.Equal(OpenerResult.Denied, ofInfected.Line);
            Assert.True(ofClean.Elapsed < _deadline && ofInfected.Elapsed < _deadline, $"{ofClean}; {ofInfected}");
        }
    }
}
