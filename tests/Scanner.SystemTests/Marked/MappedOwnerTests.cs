using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Marked;

/// <summary>Mounts through which files have other owners (mount_setattr(2)): who is root there need not be root.</summary>
public sealed class MappedOwnerTests
{
    private const string User = "65534";

    private static readonly TimeSpan _prompt = TimeSpan.FromSeconds(5);

    [Fact(Timeout = 60_000)]
    public async Task GivenFilesThatPass_WhenAMountGivesThemToAUser_ThenTheyAreAskedAbout()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = await watched.Mount.WriteAsync("file", [.. Samples.Eicar.Select(_ => (byte)'c')]);
        string infected = watched.Mount.Work.Write("infected", Samples.Eicar);
        await watched.StartScannerAsync([], "--profile", "strict");
        Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
        await PassingFiles.AssertHasAsync(watched.Scanner, file);

        OpenerResult mounted = await Opener.RunAsync(
            "bind-idmapped", watched.Mount.Path, watched.Place, "0", User, "directory", watched.Place);
        Assert.StartsWith("ok ", mounted.Line);
        Assert.True(
            await Poll.UntilAsync(_prompt, () => watched.Scanner.Error.ToString().Contains("OwnersMapped")),
            $"{watched.Scanner}");
        using Opener user = Opener.Start(
            TimeSpan.FromSeconds(40), "as", User, "grab", Path.Combine(watched.Place, "file"), infected);
        await user.SaysAsync("waiting");
        await user.SaysAsync("stored");

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["replacements", "owners_mapped"] == 1 && counters["marks", "set"] == 1, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GivenAFileOfAUser_WhenAMountOfAnotherNamespaceShowsItAsRoots_ThenItIsAskedAbout(bool isUsers)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = await watched.Mount.WriteAsync("file", Samples.CleanText);
        Assert.Equal(0, (await ChildProcess.RunAsync("chown", isUsers ? User : "0", file)).ExitCode);
        await watched.StartScannerAsync([], "--kept-leases", "0");
        string[] mount = isUsers
            ? ["bind-idmapped", watched.Mount.Path, watched.Place, User, "0"]
            : ["bind", watched.Mount.Path, watched.Place];

        for (int i = 0; i < 2; i++)
        {
            OpenerResult opened = await Opener.RunAsync(
                ["unshare-m", .. mount, "open", Path.Combine(watched.Place, "file")]);
            Assert.Equal(OpenerResult.Content(Samples.CleanText), opened.Line);
        }

        Assert.Equal(!isUsers, await PassingFiles.HasAsync(watched.Scanner, file));
    }
}
