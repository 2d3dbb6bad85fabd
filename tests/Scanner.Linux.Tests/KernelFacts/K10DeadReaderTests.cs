using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// The last close of a group allows what waits. While another process keeps the group, openers wait on, and that
/// process can answer by its number an event that the dead reader had read.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K10DeadReaderTests
{
    [Fact(Timeout = 20_000)]
    public Task GivenReadAndUnreadEvents_WhenTheLastDescriptorCloses_ThenBothAreAllowed() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using Opener read = Opener.Cat(path);
        EventMetadata metadata = marked.Reader.Next();
        using Opener unread = Opener.Cat(path);
        Assert.False(unread.EndsWithin(200));

        marked.Group.Dispose();

        Assert.Equal(("content", "content"), (read.Result().Output, unread.Result().Output));
        new EventDescriptor(metadata.Descriptor).Close();
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAReaderThatIsKilled_WhenAnotherHoldsTheGroup_ThenItAnswersByNumberAndReadsOn() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string path = mount.Write("file", "content");
        using MarkedMount marked = new(mount);
        using ChildProcess reader = Children.Start(
            "group_reader", [Children.Number(marked.Group)], out ControlSocket socket, marked.Group);
        using ControlSocket ours = socket;
        try
        {
            using Opener read = Opener.Cat(path);
            int number = BitConverter.ToInt32(Children.Hear(socket));
            using Opener unread = Opener.Cat(path);

            Children.Kill(reader);

            Assert.False(read.EndsWithin(300) || unread.EndsWithin(0));
            Assert.Equal(Errno.None, marked.Group.Reply(new FanotifyResponse(number, Access.Deny)));
            Assert.True(read.Result().WasDenied);
            EventMetadata metadata = marked.Reader.Next();
            Assert.Equal(unread.ProcessId, metadata.ProcessId);
            marked.Reader.Answer(metadata, Access.Deny);
            Assert.True(unread.Result().WasDenied);
        }
        finally
        {
            Children.Kill(reader);
        }
    });
}
