using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Sockets;

/// <summary>
/// One end of a connected pair of unix sockets that keeps message boundaries and can pass a descriptor.
/// </summary>
/// <remarks>
/// SOCK_SEQPACKET, so a message arrives whole or not at all, and a dead peer is seen as an end of file. The sender's
/// process id comes from the kernel (SO_PASSCRED), not from the message (unix(7)).
/// </remarks>
public sealed unsafe partial class ControlSocket : Descriptor
{
    /// <summary>Most bytes of one message.</summary>
    public const int MaxMessageBytes = 256;

    private ControlSocket(int number)
        : base(number)
    {
    }

    /// <summary>Makes a connected pair.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public static (ControlSocket First, ControlSocket Second) CreatePair()
    {
        int* pair = stackalloc int[2];
        if (Native.socketpair(Native.AF_UNIX, Native.SOCK_SEQPACKET | Native.SOCK_CLOEXEC, 0, pair) < 0)
        {
            throw ErrnoException.Last(nameof(Native.socketpair));
        }

        ControlSocket first = new(pair[0]);
        ControlSocket second = new(pair[1]);
        first.PassCredentials();
        second.PassCredentials();
        return (first, second);
    }

    /// <summary>Takes over an end that the process was started with.</summary>
    /// <exception cref="ErrnoException">EBADF when the number is not open.</exception>
    public static ControlSocket Adopt(int number) => new(CloseOnExec(number));

    /// <summary>
    /// Limits what may wait in the other end to be received, in the kernel's bytes: about 800 for a small message.
    /// </summary>
    /// <exception cref="ErrnoException">The kernel refuses.</exception>
    public void LimitUnreceived(int bytes)
    {
        // The kernel doubles it (socket(7)).
        int half = bytes / 2;
        if (Native.setsockopt(this, Native.SOL_SOCKET, Native.SO_SNDBUF, in half, sizeof(int)) < 0)
        {
            throw ErrnoException.Last(nameof(Native.setsockopt), "SO_SNDBUF");
        }
    }

    /// <summary>Sends one message, with a descriptor of which the receiver gets a copy.</summary>
    /// <returns>EPIPE when the other end is gone.</returns>
    /// <exception cref="ArgumentException">The message is empty: the receiver would take it for the end.</exception>
    public Errno Send(ReadOnlySpan<byte> message, Descriptor? passed = null) =>
        Send(message, passed?.Number ?? SocketMessage.NoNumber, waits: true);

    /// <summary>As <see cref="Send(ReadOnlySpan{byte}, Descriptor?)"/>, without waiting.</summary>
    /// <param name="message">The message.</param>
    /// <param name="passed">A file, of which the receiver gets a copy, with the lease that lies on it.</param>
    /// <returns>EAGAIN when the other end does not keep up.</returns>
    /// <exception cref="ArgumentException">The message is empty.</exception>
    public Errno TrySend(ReadOnlySpan<byte> message, ContentDescriptor passed) =>
        Send(message, passed.Number, waits: false);

    /// <summary>Receives one message; waits for it.</summary>
    /// <param name="buffer">Takes the message, at most <see cref="MaxMessageBytes"/>.</param>
    /// <param name="received">How long it is, who sent it, and the descriptor it carried.</param>
    /// <returns>EPIPE when the other end is gone; EMSGSIZE when the message was longer, and is lost.</returns>
    public Errno Receive(Span<byte> buffer, out ReceivedMessage received)
    {
        Errno error = SocketMessage.Receive(
            this, buffer, waits: true, out int length, out int sender, out int passed);
        received = error == Errno.None
            ? new ReceivedMessage(length, sender, passed == SocketMessage.NoNumber ? null : new Descriptor(passed))
            : default;
        return error;
    }

    /// <summary>Receives one message, if there is one; allocates nothing.</summary>
    /// <param name="buffer">Takes the message, at most <see cref="MaxMessageBytes"/>.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="passed">The file that it carried, the caller's from here on.</param>
    /// <returns>EAGAIN when there is none, else as <see cref="Receive(Span{byte}, out ReceivedMessage)"/>.</returns>
    public Errno TryReceive(Span<byte> buffer, out int length, out PassedFile? passed)
    {
        Errno error = SocketMessage.Receive(this, buffer, waits: false, out length, out _, out int number);
        passed = number == SocketMessage.NoNumber ? null : new PassedFile(number);
        return error;
    }

    private Errno Send(ReadOnlySpan<byte> message, int passed, bool waits) =>
        message.IsEmpty
            ? throw new ArgumentException("An empty message looks like the end of the connection.", nameof(message))
            : SocketMessage.Send(this, message, passed, waits, out _);

    private void PassCredentials()
    {
        Errno error = SocketMessage.PassCredentials(this);
        if (error != Errno.None)
        {
            throw ErrnoException.From(error, nameof(Native.setsockopt), "SO_PASSCRED");
        }
    }

    private static partial class Native
    {
        internal const int AF_UNIX = 1;
        internal const int SOCK_SEQPACKET = 5;
        internal const int SOCK_CLOEXEC = 0x80000;
        internal const int SOL_SOCKET = 1;
        internal const int SO_SNDBUF = 7;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int socketpair(int domain, int type, int protocol, int* pair);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setsockopt(ControlSocket socket, int level, int option, in int value, uint length);
    }
}
