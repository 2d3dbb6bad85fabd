using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A daemon that has nothing to do ends at once, and leaves no file behind.</summary>
public sealed class StopTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _shortly = TimeSpan.FromSeconds(2);

    [Theory(Timeout = 60_000)]
    [InlineData("open")]
    [InlineData("create")]
    public async Task GivenAnOpenThatWasAnsweredOnTheSpot_WhenTheDaemonIsStopped_ThenItEndsAtOnce(string access)
    {
        // The slot of such an answer is the reader's again without ever having been handed on.
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string empty = watched.Mount.In("empty");
        await Opener.PutAsync(empty, []);
        await watched.StartScannerAsync([], "--profile", "strict");
        Assert.StartsWith(
            "ok ", (await Opener.RunAsync(access, access == "open" ? empty : watched.Mount.In("new"))).Line);

        Stopwatch clock = Stopwatch.StartNew();
        int exitCode = await watched.Scanner.StopAsync();

        output.WriteLine($"ended after {clock.ElapsedMilliseconds} ms");
        Assert.Equal(0, exitCode);
        Assert.True(clock.Elapsed < _shortly, $"ended after {clock.Elapsed}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenADirectoryForTemporaryFiles_WhenTheDaemonStartsAndStops_ThenNothingIsInIt()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        string temporary = watched.Mount.Work.Subdirectory("tmp");
        await watched.StartScannerAsync(["env", $"TMPDIR={temporary}"], "--profile", "strict");
        await watched.Scanner.WorkerAsync();

        // Where the runtime would make sockets and pipes for debuggers.
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
        Assert.Equal(0, await watched.Scanner.StopAsync());

        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAWorkerThatWasKilled_WhenItIsGone_ThenItHasLeftNoTemporaryFile()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        string temporary = watched.Mount.Work.Subdirectory("tmp");
        await watched.StartScannerAsync(["env", $"TMPDIR={temporary}"], "--profile", "strict");
        int worker = await watched.Scanner.WorkerAsync();

        Signals.Kill(worker);
        Assert.True(await Poll.UntilAsync(_shortly, () => !ProcessTable.IsAlive(worker)));

        Assert.Empty(Directory.GetFileSystemEntries(temporary));
    }
}
