using Scanner.Testing;

namespace Scanner.Linux.Tests;

public sealed class BytePathTests
{
    [Theory(Timeout = 10_000)]
    [InlineData("/a", "/a", true)]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/ab", "/a", false)]
    [InlineData("/", "/a", false)]
    [InlineData("/a", "/", true)]
    [InlineData("", "/", false)]
    public Task GivenAPathAndADirectory_WhenCompared_ThenOnlyWholeNamesCount(string path, string directory, bool within) =>
        Blocking.Run(
            () => Assert.Equal(within, BytePath.IsWithin(new BytePath(path).Bytes, new BytePath(directory).Bytes)));

    [Fact(Timeout = 10_000)]
    public Task GivenTwoPathsOfTheSameBytes_WhenCompared_ThenTheyAreEqual() => Blocking.Run(() =>
    {
        Assert.Equal(new BytePath([0x2F, 0xFF]), new BytePath([0x2F, 0xFF]));
        Assert.NotEqual(new BytePath([0x2F, 0xFF]), new BytePath([0x2F, 0xFE]));
        Assert.Equal(new BytePath("/x").GetHashCode(), new BytePath("/x").GetHashCode());
        Assert.Equal("/\uFFFD", new BytePath([0x2F, 0xFF]).ToString());
    });
}
