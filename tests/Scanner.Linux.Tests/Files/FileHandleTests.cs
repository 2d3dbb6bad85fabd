using System.Text;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Files;

[Collection(MarksCollection.Name)]
public sealed class FileHandleTests
{
    public static TheoryData<string> Types => [.. TestMount.Types];

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public Task GivenAHandle_WhenOpenedAgainAfterARename_ThenItIsTheSameFile(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        FileHandle handle = HandleOf(mount.Write("file", "content"), out ulong inode);
        File.Move(mount["file"], mount["renamed"]);
        using Descriptor root = Descriptor.OpenRead(mount.Root);

        // A copy, as a slot of the journal holds one.
        FileHandle[] copies = [handle];
        Assert.Equal(Errno.None, copies[0].TryOpen(root, out Descriptor? again));

        using (again)
        {
            byte[] buffer = new byte[16];
            Assert.Equal(Errno.None, again!.Content.TryRead(buffer, 0, out int count));
            Assert.Equal("content", Encoding.UTF8.GetString(buffer, 0, count));
            Assert.Equal(inode, FileStatus.Of(again).Inode);
        }
    });

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Types))]
    public Task GivenADeletedFile_WhenOpenedByHandle_ThenItIsStaleThoughItsNumberIsReused(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        FileHandle handle = HandleOf(mount.Write("file", "old"), out ulong inode);
        File.Delete(mount["file"]);
        _ = HandleOf(mount.Write("other", "new"), out ulong reused);
        Assert.True(type != "ext4" || reused == inode, "ext4 gives the freed inode number to the next file");
        using Descriptor root = Descriptor.OpenRead(mount.Root);

        Assert.Equal(Errno.ESTALE, handle.TryOpen(root, out Descriptor? again));

        Assert.Null(again);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAFileSystemWithoutHandles_WhenEncoded_ThenTheHandleIsEmpty() => Blocking.Run(() =>
    {
        using EventCounter counter = EventCounter.CreateFlag();
        FileHandle handle = default;

        Assert.NotEqual(Errno.None, new EventDescriptor(counter.Number).Content.TryGetHandle(ref handle));

        Assert.True(handle.IsEmpty);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAHandle_WhenCleared_ThenItIsEmpty() => Blocking.Run(() =>
    {
        Requires.Root();
        FileHandle handle = HandleOf("/etc/passwd", out _);
        Assert.False(handle.IsEmpty);

        handle.Clear();

        Assert.True(handle.IsEmpty);
    });

    private static FileHandle HandleOf(string path, out ulong inode)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        inode = FileStatus.Of(file).Inode;
        FileHandle handle = default;
        Assert.Equal(Errno.None, new EventDescriptor(file.Number).Content.TryGetHandle(ref handle));
        return handle;
    }
}
