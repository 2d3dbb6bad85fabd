using System.Runtime.InteropServices;
using System.Text;
using Scanner.Linux.Files;

namespace Scanner.Linux.Sockets;

/// <summary>A client's connection to a unix stream socket that can pass a descriptor and knows who answers.</summary>
/// <remarks>
/// One thread may receive while others send, one at a time. <see cref="Shutdown"/> wakes the receiver; close after
/// that, so that no thread is left in a call on a number that is somebody else's by then. The sender of what arrives is
/// told by the kernel for each read (SO_PASSCRED, unix(7)): SO_PEERCRED would name whoever called listen(2), which is
/// the service manager if that made the socket.
/// </remarks>
public sealed unsafe partial class UnixStream : Descriptor
{
    private UnixStream(int number)
        : base(number)
    {
    }

    /// <summary>Connects to a socket in the file system.</summary>
    /// <param name="path">At most 107 bytes (unix(7)).</param>
    /// <param name="limit">
    /// The longest that connecting may take, and later each send: a server that is stopped accepts until its backlog
    /// is full, and takes bytes until its buffer is.
    /// </param>
    /// <param name="stream">The connection, owned by the caller; <c>null</c> on an error.</param>
    /// <returns>EAGAIN after the limit.</returns>
    public static Errno TryConnect(string path, TimeSpan limit, out UnixStream? stream) =>
        TryConnect(path, limit, 0, out stream);

    /// <summary>Connects to a socket in the file system; neither this nor anything later waits.</summary>
    /// <param name="path">At most 107 bytes (unix(7)).</param>
    /// <param name="stream">
    /// The connection, owned by the caller; <c>null</c> on an error. Sending and receiving end with EAGAIN instead of
    /// waiting.
    /// </param>
    /// <returns>EAGAIN if the server's backlog is full.</returns>
    public static Errno TryConnect(string path, out UnixStream? stream) =>
        TryConnect(path, null, Native.SOCK_NONBLOCK, out stream);

    private static Errno TryConnect(string path, TimeSpan? limit, int flags, out UnixStream? stream)
    {
        stream = null;
        Native.SocketAddress address = new() { Family = Native.AF_UNIX };
        int length = Encoding.UTF8.GetByteCount(path);
        if (length >= Native.PathBytes)
        {
            return Errno.ENAMETOOLONG;
        }

        Encoding.UTF8.GetBytes(path, new Span<byte>(address.Path, Native.PathBytes));
        int number = Native.socket(Native.AF_UNIX, Native.SOCK_STREAM | Native.SOCK_CLOEXEC | flags, 0);
        if (number < 0)
        {
            return SocketMessage.LastError();
        }

        UnixStream connecting = new(number);
        Errno error = connecting.Prepare(limit);
        if (error == Errno.None)
        {
            error = connecting.Connect(&address, (uint)(sizeof(ushort) + length + 1));
        }

        if (error != Errno.None)
        {
            connecting.Dispose();
            return error;
        }

        stream = connecting;
        return Errno.None;
    }

    /// <summary>Ends receiving with EAGAIN when nothing arrives for so long.</summary>
    /// <exception cref="ErrnoException">The connection is closed.</exception>
    public void SetReceiveLimit(TimeSpan limit)
    {
        Errno error = SetLimit(Native.SO_RCVTIMEO, limit);
        if (error != Errno.None)
        {
            throw ErrnoException.From(error, nameof(Native.setsockopt), "SO_RCVTIMEO");
        }
    }

    /// <summary>Sends all bytes.</summary>
    /// <returns>
    /// After an error some may have been sent: the connection is of no use any more. EAGAIN after the limit.
    /// </returns>
    public Errno Send(ReadOnlySpan<byte> bytes) => Send(bytes, SocketMessage.NoNumber);

    /// <summary>Sends all bytes and, with the first of them, a copy of a descriptor.</summary>
    /// <returns>As <see cref="Send(ReadOnlySpan{byte})"/>.</returns>
    public Errno Send(ReadOnlySpan<byte> bytes, ContentDescriptor passed) => Send(bytes, passed.Number);

    /// <summary>Waits until there is something to receive, or the connection has ended.</summary>
    /// <remarks>
    /// Whoever waits inside recvmsg(2) is woken as well whenever the server takes what was sent to it (unix(7) sockets
    /// share one queue for both); poll(2) tells the two apart.
    /// </remarks>
    public void WaitForBytes()
    {
        Native.PollRequest request = new() { Number = Number, Events = Native.POLLIN };
        _ = Native.poll(ref request, 1, -1);
    }

    /// <summary>Receives what is there; waits for the first byte unless the connection never waits.</summary>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="count">How many came.</param>
    /// <param name="senderProcessId">Who sent them, as seen from this pid namespace; 0 where it cannot be seen.</param>
    /// <returns>EPIPE at the end of the connection; EAGAIN after the limit, if one is set.</returns>
    public Errno Receive(Span<byte> buffer, out int count, out int senderProcessId)
    {
        Errno error = SocketMessage.Receive(
            this, buffer, waits: true, out count, out senderProcessId, out int passed);
        if (passed != SocketMessage.NoNumber)
        {
            // Nobody expects one.
            new PassedFile(passed).Close();
        }

        return error;
    }

    /// <summary>Ends the connection both ways (shutdown(2)); whoever receives gets EPIPE.</summary>
    public void Shutdown() => _ = Native.shutdown(this, Native.SHUT_RDWR);

    private Errno Prepare(TimeSpan? limit)
    {
        Errno error = SocketMessage.PassCredentials(this);
        return error == Errno.None && limit is { } longest ? SetLimit(Native.SO_SNDTIMEO, longest) : error;
    }

    private Errno SetLimit(int option, TimeSpan limit)
    {
        // Zero would mean no limit (socket(7)).
        long microseconds = Math.Max(1, (long)limit.TotalMicroseconds);
        Native.TimeValue time = new() { Seconds = microseconds / 1_000_000, Microseconds = microseconds % 1_000_000 };
        return Native.setsockopt(this, Native.SOL_SOCKET, option, &time, (uint)sizeof(Native.TimeValue)) < 0
            ? SocketMessage.LastError()
            : Errno.None;
    }

    private Errno Connect(Native.SocketAddress* address, uint length)
    {
        while (Native.connect(this, address, length) < 0)
        {
            Errno error = SocketMessage.LastError();
            if (error != Errno.EINTR)
            {
                return error;
            }
        }

        return Errno.None;
    }

    private Errno Send(ReadOnlySpan<byte> bytes, int passed)
    {
        while (!bytes.IsEmpty)
        {
            Errno error = SocketMessage.Send(this, bytes, passed, waits: true, out int sent);
            if (error != Errno.None)
            {
                return error;
            }

            // The descriptor went with the first byte.
            passed = SocketMessage.NoNumber;
            bytes = bytes[sent..];
        }

        return Errno.None;
    }

    private static partial class Native
    {
        internal const int AF_UNIX = 1;
        internal const int SOCK_STREAM = 1;
        internal const int SOCK_CLOEXEC = 0x80000;
        internal const int SOCK_NONBLOCK = 0x800;
        internal const short POLLIN = 1;
        internal const int SOL_SOCKET = 1;
        internal const int SO_RCVTIMEO = 20;
        internal const int SO_SNDTIMEO = 21;
        internal const int SHUT_RDWR = 2;
        internal const int PathBytes = 108;

        internal struct SocketAddress
        {
            public ushort Family;
            public fixed byte Path[PathBytes];
        }

        internal struct PollRequest
        {
            public int Number;
            public short Events;
            public short Happened;
        }

        internal struct TimeValue
        {
            public long Seconds;
            public long Microseconds;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int socket(int domain, int type, int protocol);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int connect(UnixStream socket, SocketAddress* address, uint length);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setsockopt(UnixStream socket, int level, int option, void* value, uint length);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int poll(ref PollRequest requests, nuint count, int timeout);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int shutdown(UnixStream socket, int how);
    }
}
