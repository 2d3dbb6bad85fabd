using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Mounts;

[Collection(MarksCollection.Name)]
public sealed class MountTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenAMissingDirectory_WhenMountedOn_ThenTheErrorNamesIt() => Blocking.Run(() =>
    {
        Requires.Root();
        Assert.Equal(
            "mount /nonexistent: No such file or directory (ENOENT)",
            Assert.Throws<ErrnoException>(() => Mount.Tmpfs("/nonexistent", "size=1m")).Message);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenADirectoryThatIsNoMountPoint_WhenDetached_ThenTheErrorSaysSo() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Directory.CreateDirectory(mount["plain"]);

        Assert.Equal(
            Errno.EINVAL, Assert.Throws<ErrnoException>(() => Mount.Detach(new BytePath(mount["plain"]))).Errno);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenOptions_WhenTmpfsIsMounted_ThenTheyHold() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Directory.CreateDirectory(mount["inner"]);
        Mount.Tmpfs(mount["inner"], "size=64k,mode=711");
        try
        {
            Assert.Equal("711\n", Tool.Run("stat", "-c", "%a", mount["inner"]));
            Assert.Throws<IOException>(() => File.WriteAllBytes(mount["inner/big"], new byte[100 * 1024]));
        }
        finally
        {
            Mount.Detach(new BytePath(mount["inner"]));
        }
    });
}
