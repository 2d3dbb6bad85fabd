using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A watched file system that is still in use, although no path leads to it any more.</summary>
public sealed class HiddenMountTests(ITestOutputHelper output)
{
    /// <summary>More than the deadline and a restart.</summary>
    private static readonly TimeSpan _answered = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(1);

    public static TheoryData<FileSystemKind, bool> Hidden() => new()
    {
        { FileSystemKind.Ext4, false },
        { FileSystemKind.Ext4, true },
        { FileSystemKind.Tmpfs, false },
        { FileSystemKind.Tmpfs, true },
    };

    [Theory(Timeout = 90_000)]
    [MemberData(nameof(Hidden))]
    public async Task GivenAMountWithoutAPath_WhenTheWorkerIsKilled_ThenOpenersThereAreStillAnswered(
        FileSystemKind kind, bool isCovered)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(kind);
        string directory = mount.Subdirectory("in");
        await mount.WriteAsync("in/clean", Samples.CleanText);
        await mount.WriteAsync("in/infected", Samples.Eicar);
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(
            mount.Path, "--profile", "strict", "--deadline", "3s", "--json",
            "--state", mount.Work.Subdirectory("state"));
        using DirectoryHolder holder = await DirectoryHolder.StartAsync(directory);
        await HideAsync(mount, isCovered);
        await Task.Delay(_noticed, TestContext.Current.CancellationToken);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync(_answered, "open", holder.In("infected"))).Line);
        int worker = await scanner.WorkerAsync();

        Signals.Kill(worker);
        Assert.True(
            await Poll.UntilAsync(_answered, () => scanner.TryFindWorker() is int next && next != 0 && next != worker));

        // The group outlives the worker, so the kernel asks; a worker that knows no mount of it must read all the same.
        OpenerResult infected = await Opener.RunAsync(_answered, "open", holder.In("infected"));
        OpenerResult clean = await Opener.RunAsync(_answered, "open", holder.In("clean"));
        output.WriteLine($"infected: {infected}; clean: {clean}");
        Assert.Equal(OpenerResult.Denied, infected.Line);
        Assert.DoesNotContain("killed", clean.Line);
    }

    private static async Task HideAsync(LoopMount mount, bool isCovered)
    {
        CommandResult hidden = isCovered
            ? await ChildProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "scanner-tests", mount.Path)
            : await ChildProcess.RunAsync("umount", "--lazy", mount.Path);
        hidden.AssertSucceeded();
    }
}
