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

        Assert.True(tree.Includes(tree.Write("in/file")));
        Assert.True(tree.Includes(tree.Write("in/a/b/c/file")));
        Assert.False(tree.Includes(tree.Write("out/file")));
        Assert.False(tree.Includes(tree.Write("in-out/file")));
        Assert.False(tree.Includes(tree.Write("file")));
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

        Assert.True(tree.Includes(Path.Combine(watched, "file"), mounts));
        Assert.False(tree.Includes(Path.Combine(other, "file"), mounts));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAMountThatIsNotTheHosts_WhenAFileIsOpenedThroughIt_ThenItIsIncluded() => Blocking.Run(() =>
    {
        using Tree tree = new();
        tree.Write("out/file");
        string unknown = tree.Mount.Bind("out");

        Assert.True(tree.Includes(Path.Combine(unknown, "file")));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAFileThatIsDeletedOrMoved_WhenItIsAskedAbout_ThenItsPathIsTheKernels() => Blocking.Run(() =>
    {
        using Tree tree = new();
        using Descriptor inside = Descriptor.OpenRead(tree.Write("in/file"));
        File.Delete(tree.Mount["in/file"]);
        Assert.True(tree.Includes(tree.Cover(), inside));

        using Descriptor moved = Descriptor.OpenRead(tree.Write("in/moved"));
        Directory.CreateDirectory(tree.Mount["out"]);
        File.Move(tree.Mount["in/moved"], tree.Mount["out/moved"]);
        // Where it is now; that it was inside is for the log of renamings to say.
        Assert.False(tree.Includes(tree.Cover(), moved));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenTheWholeFileSystemOrNoPathToBelieve_WhenAnyFileIsAskedAbout_ThenItIsIncluded() => Blocking.Run(() =>
    {
        using Tree tree = new();
        string file = tree.Write("out/file");
        TrustedMount mount = Tree.Trusted(tree.Mount.Root);

        Assert.True(tree.Includes(file, mount with { Trees = [new BytePath("/in"), new BytePath("/")] }));
        using Descriptor open = Descriptor.OpenRead(file);
        Assert.True(tree.Includes(new Coverage([mount], believesPaths: false), open));
        Assert.True(tree.Includes(new Coverage([], believesPaths: true), open));
    });
}
