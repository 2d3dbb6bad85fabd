using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

[Collection(MarksCollection.Name)]
public sealed class FileStatusTests
{
    [Theory(Timeout = 5_000)]
    [InlineData("/proc", FileKind.Directory)]
    [InlineData("/etc/passwd", FileKind.Regular)]
    [InlineData("/dev/null", FileKind.CharacterDevice)]
    public Task GivenAFile_WhenAsked_ThenItsKindIsTold(string path, FileKind kind) => Blocking.Run(() =>
    {
        using Descriptor file = Descriptor.OpenPath(path);
        Assert.Equal(kind, FileStatus.Of(file).Kind);
        Assert.Equal(Errno.None, new EventDescriptor(file.Number).Content.TryGetStatus(
            StatusScope.Current, out FileStatus status));
        Assert.Equal(kind, status.Kind);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenTwoMountsOfOneFile_WhenAsked_ThenOnlyTheMountDiffers() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        mount.Write("file", "12345");
        string bind = mount.Bind();
        using Descriptor first = Descriptor.OpenRead(mount["file"]);
        using Descriptor second = Descriptor.OpenRead(Path.Combine(bind, "file"));

        FileStatus status = FileStatus.Of(first);
        FileStatus other = FileStatus.Of(second);

        Assert.Equal((5L, FileKind.Regular), (status.Size, status.Kind));
        Assert.NotEqual(status.MountId, other.MountId);
        Assert.Equal(status with { MountId = 0 }, other with { MountId = 0 });
        using MountTable table = MountTable.OpenOwn();
        MountEntry entry = table.Read().Single(entry => entry.Id == FileStatus.ListedMountIdOf(second));
        Assert.Equal(bind, entry.MountPoint.ToString());
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAMountAtTheSamePlaceAgain_WhenAsked_ThenTheUniqueIdIsNew() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        ulong first = MountOf(mount.Bind());
        Mount.Detach(new BytePath(Directory.GetDirectories(Path.GetDirectoryName(mount.Root)!, "bind*").Single()));

        Assert.NotEqual(first, MountOf(mount.Bind()));
    });

    private static ulong MountOf(string path)
    {
        using Descriptor place = Descriptor.OpenPath(path);
        return FileStatus.Of(place).MountId;
    }
}
