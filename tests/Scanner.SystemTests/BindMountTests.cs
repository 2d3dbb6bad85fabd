using System.Text;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>Another file system that is bound below a watched directory for a while.</summary>
public sealed class BindMountTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _released = TimeSpan.FromSeconds(5);

    [Fact(Timeout = 90_000)]
    public async Task GivenAFileSystemBoundBelow_WhenTheBindMountIsRemoved_ThenItIsNotDecidedOnAnyMore()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await using LoopMount other = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        string point = watched.Mount.Subdirectory("point");
        other.Subdirectory("part");
        string infected = await other.WriteAsync("part/infected", Samples.Eicar);
        string clean = await other.WriteAsync("clean", Samples.CleanText);
        string list = watched.Mount.Work.Write("list", Encoding.UTF8.GetBytes($"c {clean}\n"));
        await watched.StartScannerAsync([], "--profile", "strict", "--deadline", "5s");
        using Opener load = Opener.Start(TimeSpan.FromSeconds(60), "loop", "2", "10", list, "10");
        await load.BegunAsync();

        await ChildProcess.MustAsync("mount", "--bind", other.In("part"), point);
        Assert.True(
            await Poll.UntilAsync(_noticed, () => IsDeniedAsync(Path.Combine(point, "infected"))),
            $"not protected:\n{watched.Scanner}");
        await ChildProcess.MustAsync("umount", point);

        Assert.True(
            await Poll.UntilAsync(_released, async () => !await IsDeniedAsync(infected)),
            $"still decided on:\n{watched.Scanner}");
        LoadResult result = LoadResult.From(await load.ResultAsync());
        output.WriteLine(result.Line);
        result.AssertAllRight();
        CommandResult umount = await LoopMount.DetachAsync(other.Path);
        umount.AssertSucceeded();
    }

    private static async Task<bool> IsDeniedAsync(string path) =>
        (await Opener.RunAsync("open", path)).Line == OpenerResult.Denied;
}
