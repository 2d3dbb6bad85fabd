using Scanner.Core.Policy;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Core.Tests.Policy;

/// <summary>What has changed a moment ago may have been opened inside.</summary>
[Collection(MarksCollection.Name)]
public sealed class MoveGuardTests
{
    private static readonly TimeSpan _settled = TimeSpan.FromMilliseconds(3_050);
    private static readonly TimeSpan _unsettled = TimeSpan.FromMilliseconds(2_950);

    [Theory(Timeout = 30_000)]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public Task GivenAFileOutside_WhenItHasJustChanged_ThenItIsNotBelieved(string type) => Blocking.Run(() =>
    {
        using Tree tree = new(type);
        string file = tree.Write("out/file");

        tree.SetTimeAfterChangeOf(file, _unsettled);
        Assert.Equal(Placement.Unsure, tree.Place(file));
        tree.SetTimeAfterChangeOf(file, _settled);
        Assert.Equal(Placement.Outside, tree.Place(file));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenABacklog_WhenAFileOutsideChangedNotLongAgo_ThenItIsNotBelieved() => Blocking.Run(() =>
    {
        using Tree tree = new(isRestarted: true);
        string file = tree.Write("out/file");

        tree.SetTimeAfterChangeOf(file, TimeSpan.FromSeconds(59));
        Assert.Equal(Placement.Unsure, tree.Place(file));
        tree.SetTimeAfterChangeOf(file, TimeSpan.FromSeconds(61));
        Assert.Equal(Placement.Outside, tree.Place(file));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAChangeTimeInTheFuture_WhenAFileOutsideIsAskedAbout_ThenItIsNotBelieved() => Blocking.Run(() =>
    {
        using Tree tree = new();
        string file = tree.Write("out/file");

        tree.SetTimeAfterChangeOf(file, TimeSpan.FromDays(-1));

        Assert.Equal(Placement.Unsure, tree.Place(file));
    });

    [Theory(Timeout = 30_000)]
    [InlineData("tmpfs", "out/moved")]
    [InlineData("ext4", "out/moved")]
    [InlineData("tmpfs", "out")]
    public async Task GivenADirectoryAboveThatHasJustChanged_WhenAnOldFileIsAskedAbout_ThenItIsNotBelieved(
        string type, string directory)
    {
        using Tree tree = new(type);
        string file = tree.Write("out/moved/deep/file");
        await Task.Delay(_settled + TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);

        File.SetUnixFileMode(tree.Mount[directory], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        tree.SetTimeAfterChangeOf(tree.Mount[directory], _unsettled);

        Assert.Equal(Placement.Unsure, tree.Place(file));
        tree.SetTimeAfterChangeOf(tree.Mount[directory], _settled);
        Assert.Equal(Placement.Outside, tree.Place(file));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenADirectoryThatHoldsTheWatchedOne_WhenItHasJustChanged_ThenFilesBesideAreStillOutside()
    {
        using Tree tree = new();
        string file = tree.Write("both/out/file");
        tree.Write("both/in/file");
        TrustedMount mount =
            Tree.Trusted(tree.Mount.Root) with { Trees = [new BytePath("/both/in")] };
        await Task.Delay(_settled + TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);

        // Were it moved, the watched directory would have moved with it.
        File.SetUnixFileMode(tree.Mount["both"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        tree.SetTimeAfterChangeOf(tree.Mount["both"], _unsettled);

        Assert.Equal(Placement.Outside, tree.Place(file, mount));
    }
}
