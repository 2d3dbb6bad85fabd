using Scanner.Testing;

namespace Scanner.Linux.Tests;

/// <summary>What keeps the other tests from marking what the machine lives on.</summary>
[Collection(MarksCollection.Name)]
public sealed class TestMountTests
{
    [Theory(Timeout = 5_000)]
    [InlineData("/")]
    [InlineData("/usr")]
    [InlineData("/tmp")]
    public Task GivenAFileSystemTheMachineLivesOn_WhenAskedFor_ThenItIsRefused(string path) => Blocking.Run(() =>
        Assert.Throws<InvalidOperationException>(() => TestMount.RefuseMachineFilesystems(path)));

    [Fact(Timeout = 10_000)]
    public Task GivenABusyMount_WhenDisposed_ThenItIsGoneFromTheTree() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        mount.Write("file", "content");
        using Opener busy = Opener.Start("/bin/sh", "-c", "exec sleep 60 < \"$0\"", mount["file"]);
        Assert.False(busy.EndsWithin(100));

        mount.Dispose();

        Assert.False(Directory.Exists(Path.GetDirectoryName(mount.Root)));
    });
}
