using System.Text;
using Scanner.Core.Policy;
using Scanner.Linux;

namespace Scanner.Core.Tests.Policy;

/// <summary>Where a file lies, by its path and by its path inside the file system.</summary>
public sealed class FilePlaceTests
{
    [Theory(Timeout = 5_000)]
    [InlineData("/", "/mnt", "/mnt/in/file", "/in/file", true)]
    [InlineData("/", "/mnt", "/mnt/in", "/in", true)]
    [InlineData("/", "/mnt", "/mnt/in-out/file", "/in-out/file", false)]
    [InlineData("/", "/mnt", "/mnt/i", "/i", false)]
    [InlineData("/", "/mnt", "/mnt/out/in/file", "/out/in/file", false)]
    [InlineData("/", "/", "/in/file", "/in/file", true)]
    [InlineData("/", "/", "/out/file", "/out/file", false)]
    [InlineData("/in", "/mnt", "/mnt/file", "/in/file", true)]
    [InlineData("/in/sub", "/mnt", "/mnt/file", "/in/sub/file", true)]
    [InlineData("/out", "/mnt", "/mnt/in/file", "/out/in/file", false)]
    [InlineData("/in", "/", "/file", "/in/file", true)]
    public Task GivenAMountAndAPath_WhenAsked_ThenThePathInsideDecides(
        string root, string mountPoint, string path, string inside, bool isBelow)
    {
        FilePlace place = new(Mount(root, mountPoint, "/in"), Utf8(path), Utf8(inside));

        Assert.Equal(isBelow, place.IsBelowTree());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenSeveralTrees_WhenAsked_ThenAnyOfThemCounts()
    {
        TrustedMount mount = Mount("/", "/mnt", "/a", "/b/c");

        Assert.True(new FilePlace(mount, "/mnt/b/c/file"u8, "/b/c/file"u8).IsBelowTree());
        Assert.True(new FilePlace(mount, "/mnt/a/file"u8, "/a/file"u8).IsBelowTree());
        Assert.False(new FilePlace(mount, "/mnt/b/file"u8, "/b/file"u8).IsBelowTree());
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("/", "/mnt", "/mnt/a/b/file", "/a/b/file", "/mnt/a /mnt/a/b")]
    [InlineData("/", "/", "/a/b/file", "/a/b/file", "/a /a/b")]
    [InlineData("/sub", "/mnt/x", "/mnt/x/a/file", "/sub/a/file", "/mnt/x/a")]
    [InlineData("/", "/mnt", "/mnt/file", "/file", "")]
    [InlineData("/", "/", "/file", "/file", "")]
    public Task GivenAPath_WhenItsDirectoriesAreWalked_ThenEachBelowTheMountPointComes(
        string root, string mountPoint, string path, string inside, string directories)
    {
        FilePlace place = new(Mount(root, mountPoint, "/in"), Utf8(path), Utf8(inside));
        List<string> walked = [];
        for (int end = place.NextDirectory(place.MountPointLength); end > 0; end = place.NextDirectory(end))
        {
            walked.Add(path[..end]);
        }

        Assert.Equal(directories, string.Join(' ', walked));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("/", "/mnt", "/mnt/a/out/file", "/a/out/file", "/a/in", "/mnt/a")]
    [InlineData("/", "/", "/a/out/file", "/a/out/file", "/a/in", "/a")]
    [InlineData("/sub", "/mnt", "/mnt/a/out/file", "/sub/a/out/file", "/sub/a/in", "/mnt/a")]
    [InlineData("/sub", "/mnt", "/mnt/a/out/file", "/sub/a/out/file", "/a/in", "")]
    [InlineData("/", "/mnt", "/mnt/a/out/file", "/a/out/file", "/ab/in", "")]
    public Task GivenDirectoriesAboveAFile_WhenAsked_ThenThoseThatHoldATreeAreKnown(
        string root, string mountPoint, string path, string inside, string tree, string holding)
    {
        FilePlace place = new(Mount(root, mountPoint, tree), Utf8(path), Utf8(inside));
        List<string> found = [];
        for (int end = place.NextDirectory(place.MountPointLength); end > 0; end = place.NextDirectory(end))
        {
            if (place.HoldsTree(end))
            {
                found.Add(path[..end]);
            }
        }

        Assert.Equal(holding, string.Join(' ', found));
        return Task.CompletedTask;
    }

    private static TrustedMount Mount(string root, string mountPoint, params string[] trees) =>
        new(1, new BytePath(root), new BytePath(mountPoint), [.. trees.Select(tree => new BytePath(tree))]);

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
