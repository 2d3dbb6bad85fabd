using System.Diagnostics;
using System.Net.Sockets;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Sockets;

public sealed class UnixStreamTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(100);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("scanner-stream-");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;

    public UnixStreamTests()
    {
        _path = Path.Combine(_directory.FullName, "s");
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen(1);
    }

    [Fact(Timeout = 5_000)]
    public Task GivenBytesSent_WhenReceived_ThenTheSenderIsKnown() => Blocking.Run(() =>
    {
        using UnixStream stream = Connect();
        using Socket server = _listener.Accept();
        Assert.Equal(Errno.None, stream.Send("ask"u8));
        byte[] buffer = new byte[10];
        Assert.Equal(3, server.Receive(buffer));
        server.Send("answer"u8);

        Assert.Equal(Errno.None, stream.Receive(buffer, out int count, out int sender));

        Assert.Equal("answer"u8, buffer.AsSpan(0, count));
        Assert.Equal(Environment.ProcessId, sender);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenPeerThatIsGone_WhenUsed_ThenItIsEpipe() => Blocking.Run(() =>
    {
        using UnixStream stream = Connect();
        _listener.Accept().Dispose();

        Assert.Equal(Errno.EPIPE, stream.Send("ask"u8));
        Assert.Equal(Errno.EPIPE, stream.Receive(new byte[10], out _, out _));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenNobodyWhoReads_WhenSentMuch_ThenItEndsAfterTheLimit() => Blocking.Run(() =>
    {
        using UnixStream stream = Connect();
        using Socket server = _listener.Accept();
        Stopwatch time = Stopwatch.StartNew();

        Assert.Equal(Errno.EAGAIN, stream.Send(new byte[10_000_000]));

        Assert.InRange(time.Elapsed, s_limit / 2, TimeSpan.FromSeconds(2));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenNothingToReceive_WhenALimitIsSet_ThenItEndsAfterTheLimit() => Blocking.Run(() =>
    {
        using UnixStream stream = Connect();
        stream.SetReceiveLimit(s_limit);

        Assert.Equal(Errno.EAGAIN, stream.Receive(new byte[10], out _, out _));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenFullBacklog_WhenConnected_ThenItEndsAfterTheLimit() => Blocking.Run(() =>
    {
        List<UnixStream> taken = [];
        Errno error;
        do
        {
            error = UnixStream.TryConnect(_path, s_limit, out UnixStream? stream);
            if (stream is not null)
            {
                taken.Add(stream);
            }
        }
        while (error == Errno.None && taken.Count < 100);

        taken.ForEach(stream => stream.Dispose());
        Assert.Equal(Errno.EAGAIN, error);
    });

    [Fact(Timeout = 5_000)]
    public async Task GivenReceiver_WhenShutDownByAnother_ThenItIsWoken()
    {
        using UnixStream stream = Connect();
        using Socket server = _listener.Accept();
        Task<Errno> receiver = Task.Run(
            () => stream.Receive(new byte[10], out _, out _), TestContext.Current.CancellationToken);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(receiver.IsCompleted);

        stream.Shutdown();

        Assert.Equal(Errno.EPIPE, await receiver);
    }

    [Fact(Timeout = 5_000)]
    public Task GivenNoServer_WhenConnected_ThenTheReasonIsTold() => Blocking.Run(() =>
    {
        // The framework removes the path it was bound to, and a server that was killed would not have.
        string left = _path + "y";
        File.Move(_path, left);
        _listener.Dispose();
        Assert.Equal(Errno.ECONNREFUSED, UnixStream.TryConnect(left, s_limit, out UnixStream? none));
        Assert.Null(none);
        Assert.Equal(Errno.ENOENT, UnixStream.TryConnect(_path + "x", s_limit, out _));
        Assert.Equal(Errno.ENAMETOOLONG, UnixStream.TryConnect(new string('x', 108), s_limit, out _));
    });

    public void Dispose()
    {
        _listener.Dispose();
        _directory.Delete(recursive: true);
    }

    private UnixStream Connect()
    {
        Assert.Equal(Errno.None, UnixStream.TryConnect(_path, s_limit, out UnixStream? stream));
        return stream!;
    }
}
