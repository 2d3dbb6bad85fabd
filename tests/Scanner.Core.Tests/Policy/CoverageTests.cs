using Scanner.Core.Policy;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Testing;

namespace Scanner.Core.Tests.Policy;

[Collection(MarksCollection.Name)]
public sealed class CoverageTests
{
    [Fact(Timeout = 20_000)]
    public Task GivenAWatchedDirectory_WhenFilesAreAskedAbout_ThenOnlyThoseBelowItAreIncluded() => Blocking.Run(() =>
    {
        using Tree tree = new();

        Assert.Equal(Placement.Inside, tree.Place(tree.Write("in/file")));
        Assert.Equal(Placement.Inside, tree.Place(tree.Write("in/a/b/c/file")));
        Assert.Equal(Placement.Outside, tree.Place(tree.Write("out/file")));
        Assert.Equal(Placement.Outside, tree.Place(tree.Write("in-out/file")));
        Assert.Equal(Placement.Outside, tree.Place(tree.Write("file")));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenABindMountOfTheDirectory_WhenItsFilesAreAskedAbout_ThenTheyAreIncluded() => Blocking.Run(() =>
    {
        using Tree tree = new();
        tree.Write("in/sub/file");
        tree.Write("out/file");
        string watched = tree.Mount.Bind("in/sub");
        string other = tree.Mount.Bind("out");
        TrustedMount[] mounts =
            [Tree.Trusted(tree.Mount.Root), Tree.Trusted(watched, "/in/sub"), Tree.Trusted(other, "/out")];

        Assert.Equal(Placement.Inside, tree.Place(Path.Combine(watched, "file"), mounts));
        Assert.Equal(Placement.Outside, tree.Place(Path.Combine(other, "file"), mounts));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAMountThatIsNotTheHosts_WhenAFileIsOpenedThroughIt_ThenItIsIncluded() => Blocking.Run(() =>
    {
        using Tree tree = new();
        tree.Write("out/file");
        string unknown = tree.Mount.Bind("out");

        Assert.Equal(Placement.Inside, tree.Place(Path.Combine(unknown, "file")));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAFileThatIsDeletedOrMoved_WhenItIsAskedAbout_ThenItsPathIsTheKernels() => Blocking.Run(() =>
    {
        using Tree tree = new();
        using Descriptor inside = Descriptor.OpenRead(tree.Write("in/file"));
        File.Delete(tree.Mount["in/file"]);
        Assert.Equal(Placement.Inside, tree.Place(tree.FreshCoverage(), inside));

        using Descriptor moved = Descriptor.OpenRead(tree.Write("in/moved"));
        Directory.CreateDirectory(tree.Mount["out"]);
        File.Move(tree.Mount["in/moved"], tree.Mount["out/moved"]);
        // An hour later nobody can have opened it inside.
        Assert.Equal(Placement.Outside, tree.Place(tree.FreshCoverage(), moved));
        tree.SetTimeAfterChangeOf(tree.Mount["out/moved"], TimeSpan.FromMilliseconds(100));
        Assert.Equal(Placement.Unsure, tree.Place(tree.FreshCoverage(), moved));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenTheWholeFileSystemOrNoGuard_WhenAnyFileIsAskedAbout_ThenItIsIncluded() => Blocking.Run(() =>
    {
        using Tree tree = new();
        string file = tree.Write("out/file");
        TrustedMount mount = Tree.Trusted(tree.Mount.Root);

        Assert.Equal(Placement.Inside, tree.Place(file, mount with { Trees = [new BytePath("/in"), new BytePath("/")] }));
        Assert.Equal(Placement.Inside, tree.Place(new Coverage([mount], null), file));
        Assert.Equal(Placement.Inside, tree.Place(new Coverage([], null), file));
    });
}
