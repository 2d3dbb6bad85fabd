using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// A kept lease keeps writers away from a file that is ignored in the kernel. When its holder is killed the lease
/// goes and the mark stays: what is then stored through a mapping is read without an event. So one process must hold
/// both.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K6LeaseGoesWithItsHolderTests
{
    private const int WouldBlock = 11;

    [Theory(Timeout = 30_000)]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAnIgnoredFile_WhenTheLeaseHolderIsKilled_ThenAStoreIsReadWithoutAnEvent(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "before");
        using ChildProcess holder = Children.Start("lease_holder", [path], out ControlSocket socket);
        using ControlSocket ours = socket;
        try
        {
            Assert.Equal("held", Children.HearText(socket));
            using Descriptor here = Descriptor.OpenPath("/");
            using MarkedMount marked = new(mount);
            marked.Group.MarkInode(EventMask.CloseWrite, evictable: true, here, new BytePath(path));
            marked.Group.IgnoreInode(EventMask.OpenPermission, here, new BytePath(path));
            Assert.Equal(WouldBlock, Store(path));

            Children.Kill(holder);

            Assert.Equal(0, Store(path));
            using Opener reading = Opener.Cat(path);
            Assert.Equal("AFTER!", reading.Result().Output);
            while (marked.Reader.TryNext(0) is EventMetadata metadata)
            {
                Assert.Equal(EventMask.CloseWrite, metadata.Mask);
                new EventDescriptor(metadata.Descriptor).Close();
            }
        }
        finally
        {
            Children.Kill(holder);
        }
    });

    private static int Store(string path)
    {
        using Opener writer = Opener.Start(NativeProgram.Path("mmap_store"), path, "AFTER!");
        return writer.Result().ExitCode;
    }
}
