using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>Whether a file that lies outside may have been inside a moment ago.</summary>
[Collection(MarksCollection.Name)]
public sealed class RenameLogTests : IDisposable
{
    private readonly MountTable _table = MountTable.OpenOwn();
    private readonly Descriptor _root = Descriptor.OpenPath("/");

    public void Dispose()
    {
        _root.Dispose();
        _table.Dispose();
    }

    [Theory(Timeout = 30_000)]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public Task GivenAFileSystem_WhenNothingWasRenamed_ThenNothingMayHaveBeen(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        using RenameLog log = Follow(isFirstWorker: true, Tree.Trusted(mount.Root));

        mount.Write("file", "content");
        File.Delete(mount["file"]);

        Assert.True(log.Look());
        Assert.False(log.MayHaveRenamed);
    });

    [Theory(Timeout = 30_000)]
    [InlineData("tmpfs", false)]
    [InlineData("tmpfs", true)]
    [InlineData("ext4", false)]
    [InlineData("ext4", true)]
    public Task GivenAFileSystem_WhenSomethingWasRenamed_ThenItIsRemembered(string type, bool isDirectory) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string name = isDirectory ? Directory.CreateDirectory(mount["name"]).FullName : mount.Write("name", "content");
        using RenameLog log = Follow(isFirstWorker: true, Tree.Trusted(mount.Root));

        Directory.Move(name, mount["other"]);

        // The notice comes a moment after the renaming, and stays after it was taken.
        Assert.True(SpinWait.SpinUntil(() => log.MayHaveRenamed, 5_000));
        Assert.True(log.Look());
        Assert.True(log.MayHaveRenamed);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenALaterWorker_WhenItBegins_ThenWhatItHasNotSeenMayHaveBeenARenaming() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        using RenameLog log = Follow(isFirstWorker: false, Tree.Trusted(mount.Root));

        Assert.True(log.MayHaveRenamed);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAFileSystemThatCannotBeFollowed_WhenAsked_ThenSomethingMayAlwaysHaveBeenRenamed() => Blocking.Run(() =>
    {
        // The mount is gone, as good as one whose file system has no handles.
        using TestMount mount = TestMount.Tmpfs();
        TrustedMount gone = Tree.Trusted(mount.Root) with { Id = ulong.MaxValue };
        using RenameLog log = Follow(isFirstWorker: true, Tree.Trusted(mount.Root), gone);

        Assert.False(log.Look());
        Assert.True(log.MayHaveRenamed);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAFileSystemWithoutHandles_WhenAsked_ThenSomethingMayAlwaysHaveBeenRenamed() => Blocking.Run(() =>
    {
        // ramfs is one of them; nothing but a listener to renamings is put on it.
        using TestMount mount = TestMount.Tmpfs();
        string point = Directory.CreateDirectory(mount["point"]).FullName;
        Tool.Run("mount", "-t", "ramfs", "scanner-tests", point);
        try
        {
            using RenameLog log = Follow(isFirstWorker: true, Tree.Trusted(point));

            Assert.True(log.MayHaveRenamed);
        }
        finally
        {
            Mount.Detach(new BytePath(point));
        }
    });

    private RenameLog Follow(bool isFirstWorker, params TrustedMount[] mounts) => new(
        new FilesystemPlan(1, FilesystemKind.Local, [], mounts, new Coverage([], believesPaths: true)),
        new HostMounts(_table, _root),
        isFirstWorker);
}
