using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>Protection does not depend on somebody taking what is said on standard error.</summary>
public sealed class StandardErrorTests
{
    private const int Kills = 2;
    private const int PageSize = 4096;

    private static readonly TimeSpan _restart = TimeSpan.FromSeconds(20);

    [Fact(Timeout = 90_000)]
    public async Task GivenStandardErrorOnAFullFileSystem_WhenTheWorkerIsKilled_ThenANewOneProtects()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string full = watched.Mount.Work.Subdirectory("full");
        CommandResult mount = await ChildProcess.RunAsync(
            "mount", "-t", "tmpfs", "-o", $"size={2 * PageSize}", "scanner-tests", full);
        mount.AssertSucceeded();
        string errors = Path.Combine(full, "errors");

        // Whole pages, so that not even a byte more finds room.
        await File.WriteAllBytesAsync(errors, new byte[PageSize], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(
            Path.Combine(full, "rest"), new byte[PageSize], TestContext.Current.CancellationToken);

        await AssertProtectsAfterKillsAsync(watched, ["sh", "-c", "exec \"$@\" 2>>\"$0\"", errors]);

        Assert.Equal(PageSize, new FileInfo(errors).Length);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenStandardErrorOnAPipeThatNobodyReads_WhenTheWorkerIsKilled_ThenANewOneProtects()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string pipe = watched.Mount.Work.In("pipe");
        CommandResult made = await ChildProcess.RunAsync("mkfifo", pipe);
        made.AssertSucceeded();

        // Opened for both, so that it can be opened at all; then filled to the brim.
        await AssertProtectsAfterKillsAsync(
            watched,
            [
                "sh", "-c",
                "exec 2<>\"$0\"; dd if=/dev/zero bs=4k count=1k oflag=nonblock status=none 2>/dev/null >\"$0\"; "
                    + "exec \"$@\"",
                pipe,
            ]);
    }

    private static async Task AssertProtectsAfterKillsAsync(WatchedFileSystem watched, string[] prefix)
    {
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        await watched.StartScannerAsync(prefix, "--profile", "strict", "--deadline", "10s");
        for (int i = 0; i < Kills; i++)
        {
            int worker = await watched.Scanner.WorkerAsync();
            Signals.Kill(worker);

            // While there is none, the open waits for the next one.
            Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
            bool isReplaced = await Poll.UntilAsync(
                _restart, () => watched.Scanner.TryFindWorker() is int next && next != 0 && next != worker);
            Assert.True(isReplaced, $"no worker after {i + 1} kills:\n{watched.Scanner}");
            bool allowed = await Poll.UntilAsync(
                _restart,
                async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText));
            Assert.True(allowed, $"clean files are refused after {i + 1} kills:\n{watched.Scanner}");
        }

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        Assert.Equal(0, await watched.Scanner.StopAsync());
    }
}
