using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>
/// A direct read from a slow device is under way into pages of a file whose mapping is gone: the file changes when the
/// device answers, and neither a lease nor a time tells.
/// </summary>
/// <remarks>
/// Nobody in user space can see it, and the kernel's own caches cannot either: it is in the README's list of what
/// cannot be seen. Should a kernel begin to tell, the first of these tests fails, and the limit is gone. The profile
/// strict looks at the content of what users can write, and is not deceived.
/// </remarks>
public sealed class PinnedPagesTests
{
    private const string User = "60001";

    /// <summary>Any user may write it: who cannot write a file cannot pin its pages for writing.</summary>
    private const string Mode = "666";

    [Theory(Timeout = 60_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    public async Task GivenAFileThatIsKnown_WhenItChangesThroughPinnedPages_ThenItsVersionStaysAndItIsAllowed(
        FileSystemKind kind)
    {
        ChangedContent content = new(ContentShape.Different, $"{kind}");

        (OpenerResult opened, LayerCounters counters) = await ChangeAsync(kind, content, "available");

        Assert.Equal(OpenerResult.Content(content.Infected), opened.Line);
        Assert.True(counters["memory", "hit"] > 0 && counters["memory", "version_changed"] == 0, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    [InlineData(FileSystemKind.Tmpfs)]
    public async Task GivenTheProfileStrict_WhenAFileThatIsKnownChangesThroughPinnedPages_ThenItIsDenied(
        FileSystemKind kind)
    {
        ChangedContent content = new(ContentShape.Different, $"strict {kind}");

        (OpenerResult opened, LayerCounters counters) = await ChangeAsync(kind, content, "strict");

        Assert.Equal(OpenerResult.Denied, opened.Line);
        Assert.True(counters["contents", "hit"] > 0, $"{counters}");
    }

    /// <summary>Has a clean file known, changes it while nobody has it open or mapped, and opens it.</summary>
    private static async Task<(OpenerResult Opened, LayerCounters Counters)> ChangeAsync(
        FileSystemKind kind, ChangedContent content, string profile)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(kind);
        string file = await mount.WriteAsync("file", content.Clean, Mode);
        string infected = mount.Work.Write("infected", content.Infected);
        await using StalledMount device = await StalledMount.MountAsync(
            mount.Work.Subdirectory("device"), User, "later", infected);
        await using ScannerProcess scanner = await StartAsync(mount, content, profile);
        using Opener writer = Opener.Start(
            TimeSpan.FromSeconds(40), "change-held", "pinned", file, infected, "new", device.Path);
        await writer.SaysAsync("ready");
        for (int i = 0; i < CachedFiles.Rounds; i++)
        {
            Assert.Equal(OpenerResult.Content(content.Clean), (await Opener.RunAsync("open", file)).Line);
            await Task.Delay(CachedFiles.Pause, TestContext.Current.CancellationToken);
        }

        writer.Continue();
        await writer.SaysAsync("changed");
        OpenerResult opened = await Opener.RunAsync("open", file);

        writer.Continue();
        Assert.Equal(OpenerResult.Content(content.Infected), (await writer.ResultAsync()).Line);
        return (opened, await LayerCounters.StopAsync(scanner));
    }

    private static async Task<ScannerProcess> StartAsync(LoopMount mount, ChangedContent content, string profile)
    {
        string signatures = mount.Work.Subdirectory("signatures");
        await File.WriteAllTextAsync(
            Path.Combine(signatures, "changed.hsb"),
            ChangedContent.Signature(content.Infected),
            TestContext.Current.CancellationToken);
        return await ScannerProcess.StartAsync(
            mount.Path, "--engine", $"signatures:{signatures}", "--profile", profile, "--json",
            "--state", mount.Work.Subdirectory("state"));
    }
}
