using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>File systems that are mounted below a watched directory after the start.</summary>
/// <remarks>
/// Whether a new mount reaches the daemon's own namespace depends on the propagation of the mount that it is put on:
/// systemd makes all of them shared, a plain kernel private. Both have to work.
/// </remarks>
public sealed class LaterMountTests
{
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _released = TimeSpan.FromSeconds(5);

    public static TheoryData<FileSystemKind, string> Mounts()
    {
        TheoryData<FileSystemKind, string> mounts = [];
        foreach (FileSystemKind kind in Enum.GetValues<FileSystemKind>())
        {
            mounts.Add(kind, "private");
            mounts.Add(kind, "shared");
        }

        return mounts;
    }

    [Theory(Timeout = 90_000)]
    [MemberData(nameof(Mounts))]
    public async Task GivenAFileSystemMountedLater_WhenItIsUsed_ThenItIsProtectedAndCanBeUnmounted(
        FileSystemKind kind, string propagation)
    {
        await using WatchedFileSystem watched = await StartAsync(propagation);
        await using LoopMount later = await LoopMount.CreateAsync(kind);
        await LoopMount.DetachAsync(later.Path);
        string point = watched.Mount.Subdirectory("later");

        await later.AttachAsync(point);
        await AssertProtectedAsync(point);
        CommandResult umount = await LoopMount.DetachAsync(point);

        umount.AssertSucceeded();
        Assert.True(
            await Poll.UntilAsync(_released, later.IsReleasedAsync), "the unmounted file system is still in use");
    }

    [Theory(Timeout = 90_000)]
    [InlineData("private")]
    [InlineData("shared")]
    public async Task GivenAPseudoFileSystemMountedLater_WhenItIsUsed_ThenItIsLeftAlone(string propagation)
    {
        await using WatchedFileSystem watched = await StartAsync(propagation);
        string point = watched.Mount.Subdirectory("proc");
        CommandResult mount = await ChildProcess.RunAsync("mount", "-t", "proc", "proc", point);
        mount.AssertSucceeded();

        await Task.Delay(_noticed, TestContext.Current.CancellationToken);
        OpenerResult result = await Opener.RunAsync("open", Path.Combine(point, "version"));
        CommandResult umount = await LoopMount.DetachAsync(point);

        Assert.StartsWith("ok ", result.Line);
        umount.AssertSucceeded();
        Assert.DoesNotContain(watched.Scanner.Output.Lines, line => line.Contains("proc/version"));
    }

    [Theory(Timeout = 90_000)]
    [InlineData("private")]
    [InlineData("shared")]
    public async Task GivenAnOverlayOverTheWatchedFileSystem_WhenItIsUsed_ThenItIsProtectedAndCanBeUnmounted(
        string propagation)
    {
        await using WatchedFileSystem watched = await StartAsync(propagation);
        string lower = watched.Mount.Subdirectory("lower");
        string upper = watched.Mount.Subdirectory("upper");
        string work = watched.Mount.Subdirectory("work");
        string merged = watched.Mount.Subdirectory("merged");
        await watched.Mount.WriteAsync("lower/infected-below", Samples.Eicar);
        CommandResult mount = await ChildProcess.RunAsync(
            "mount", "-t", "overlay", "overlay", "-o", $"lowerdir={lower},upperdir={upper},workdir={work}", merged);
        mount.AssertSucceeded();

        Assert.Equal(
            OpenerResult.Denied, (await Opener.RunAsync("open", Path.Combine(merged, "infected-below"))).Line);
        await AssertProtectedAsync(merged);
        CommandResult umount = await LoopMount.DetachAsync(merged);

        umount.AssertSucceeded();
    }

    private static async Task<WatchedFileSystem> StartAsync(string propagation)
    {
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        CommandResult change = await ChildProcess.RunAsync("mount", $"--make-{propagation}", watched.Mount.Path);
        change.AssertSucceeded();
        await watched.StartScannerAsync([], "--verbose");
        return watched;
    }

    /// <summary>The new mount may take a moment to be noticed; from then on it is protected.</summary>
    private static async Task AssertProtectedAsync(string directory)
    {
        string clean = Path.Combine(directory, "clean");
        string infected = Path.Combine(directory, "infected");
        await Opener.PutAsync(clean, Samples.CleanText);
        await Opener.PutAsync(infected, Samples.Eicar);
        bool denied = await Poll.UntilAsync(
            _noticed, async () => (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);

        Assert.True(denied, $"an infected file on {directory} can be opened");
        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await Opener.RunAsync("open", clean)).Line);
    }
}
