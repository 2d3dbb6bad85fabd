using System.Globalization;
using System.Text;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Sockets;

public sealed class ControlSocketTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenAMessage_WhenReceived_ThenItIsWholeAndItsSenderIsKnown() => Blocking.Run(() =>
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;

        Assert.Equal(Errno.None, one.Send("hello"u8));
        Assert.Equal(Errno.None, one.Send("world!"u8));
        byte[] buffer = new byte[ControlSocket.MaxMessageBytes];
        Assert.Equal(Errno.None, other.Receive(buffer, out ReceivedMessage received));

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, received.Length));
        Assert.Equal(Environment.ProcessId, received.SenderProcessId);
        Assert.Null(received.Passed);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenADescriptor_WhenPassed_ThenTheReceiverOwnsACopyThatClosesOnExec() => Blocking.Run(() =>
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;
        EventCounter counter = EventCounter.CreateFlag();

        Assert.Equal(Errno.None, one.Send("take"u8, counter));
        Assert.Equal(Errno.None, other.Receive(new byte[16], out ReceivedMessage received));
        counter.Post();
        counter.Dispose();

        using Descriptor passed = received.Passed!;
        using Poller poller = Poller.Create();
        poller.Add(passed, 5);
        Assert.Equal(5, poller.Wait(0));
        Assert.Contains("02000002", File.ReadAllText($"/proc/self/fdinfo/{passed.Number}"), StringComparison.Ordinal);
    });

    [Theory(Timeout = 20_000)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(60)]
    public Task GivenSeveralDescriptorsInOneMessage_WhenReceived_ThenNoneIsLeftOpen(int count) => Blocking.Run(() =>
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;
        (ControlSocket passed, ControlSocket watcher) = ControlSocket.CreatePair();
        using ControlSocket watching = watcher;

        using ChildProcess child = ChildProcess.Start(new SpawnRequest(
            NativeProgram.Path("send_descriptors"),
            ["send_descriptors", Text(one.Number), Text(count), Text(passed.Number)],
            [],
            [one, passed],
            []));
        Assert.Equal(0, Children.End(child).Code);
        passed.Dispose();
        Assert.Equal(Errno.None, other.Receive(new byte[16], out ReceivedMessage received));
        Assert.Equal(child.Id, received.SenderProcessId);
        received.Passed!.Dispose();

        // Its other end is gone only if no copy was left open.
        using Poller poller = Poller.Create();
        poller.Add(watching, 1);
        Assert.Equal(1, poller.Wait(0));
        Assert.Equal(Errno.EPIPE, watching.Receive(new byte[16], out _));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAReceiverThatDoesNotKeepUp_WhenSentToWithoutWaiting_ThenTheSenderIsToldSoAndNothingIsLeftOpen() =>
        Blocking.Run(() =>
        {
            (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
            using ControlSocket one = first;
            using ControlSocket other = second;
            one.LimitUnreceived(32 * 1024);
            Assert.Equal(Errno.EAGAIN, other.TryReceive(new byte[128], out _, out PassedFile? nothing));
            Assert.Null(nothing);
            (ControlSocket passed, ControlSocket watcher) = ControlSocket.CreatePair();
            using ControlSocket watching = watcher;

            int sent = 0;
            while (one.TrySend(new byte[88], passed.Content) == Errno.None)
            {
                sent++;
            }

            Assert.InRange(sent, 8, 64);
            passed.Dispose();
            for (int i = 0; i < sent; i++)
            {
                Assert.Equal(Errno.None, other.TryReceive(new byte[128], out int length, out PassedFile? file));
                Assert.Equal(88, length);
                file!.Value.Close();
            }

            Assert.Equal(Errno.EAGAIN, other.TryReceive(new byte[128], out _, out _));
            Assert.Equal(Errno.EPIPE, watching.Receive(new byte[16], out _));
        });

    [Fact(Timeout = 5_000)]
    public Task GivenAMessageLongerThanTheBuffer_WhenReceivedWithoutWaiting_ThenItsFileIsClosed() => Blocking.Run(() =>
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;
        (ControlSocket passed, ControlSocket watcher) = ControlSocket.CreatePair();
        using ControlSocket watching = watcher;
        Assert.Equal(Errno.None, one.TrySend("too long"u8, passed.Content));
        passed.Dispose();

        Assert.Equal(Errno.EMSGSIZE, other.TryReceive(new byte[3], out _, out PassedFile? file));

        Assert.Null(file);
        Assert.Equal(Errno.EPIPE, watching.Receive(new byte[16], out _));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAClosedPeer_WhenSpokenTo_ThenBothDirectionsSayThatItIsGone() => Blocking.Run(() =>
    {
        (ControlSocket one, ControlSocket other) = ControlSocket.CreatePair();
        using ControlSocket rest = one;
        other.Dispose();

        Assert.Equal(Errno.EPIPE, rest.Receive(new byte[16], out _));
        Assert.Equal(Errno.EPIPE, rest.Send("x"u8));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAPeerThatDiedWithUnreadMessages_WhenReceivedFrom_ThenItIsGoneToo() => Blocking.Run(() =>
    {
        (ControlSocket one, ControlSocket other) = ControlSocket.CreatePair();
        using ControlSocket rest = one;
        rest.Send("unread"u8);
        other.Dispose();

        Assert.Equal(Errno.EPIPE, rest.Receive(new byte[16], out _));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAPeerThatDiedWithUnreadMessages_WhenSentTo_ThenItIsGoneToo() => Blocking.Run(() =>
    {
        (ControlSocket one, ControlSocket other) = ControlSocket.CreatePair();
        using ControlSocket rest = one;
        rest.Send("unread"u8);
        other.Dispose();

        Assert.Equal(Errno.EPIPE, rest.Send("x"u8));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAMessageLongerThanTheBuffer_WhenReceived_ThenItIsRefusedNotCut() => Blocking.Run(() =>
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;
        one.Send("four"u8);

        Assert.Equal(Errno.EMSGSIZE, other.Receive(new byte[3], out ReceivedMessage received));
        Assert.Null(received.Passed);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAnEmptyMessage_WhenSent_ThenItIsRefusedBecauseItWouldLookLikeTheEnd() => Blocking.Run(() =>
    {
        (ControlSocket first, ControlSocket second) = ControlSocket.CreatePair();
        using ControlSocket one = first;
        using ControlSocket other = second;

        Assert.Throws<ArgumentException>(() => one.Send([]));
    });

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
