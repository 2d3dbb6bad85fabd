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

    private const int ControlBytes = 128;

    /// <summary>In place of a descriptor's number.</summary>
    private const int NoNumber = -1;

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
        Send(message, passed?.Number ?? NoNumber, 0);

    /// <summary>As <see cref="Send(ReadOnlySpan{byte}, Descriptor?)"/>, without waiting.</summary>
    /// <param name="message">The message.</param>
    /// <param name="passed">A file, of which the receiver gets a copy, with the lease that lies on it.</param>
    /// <returns>EAGAIN when the other end does not keep up.</returns>
    /// <exception cref="ArgumentException">The message is empty.</exception>
    public Errno TrySend(ReadOnlySpan<byte> message, ContentDescriptor passed) =>
        Send(message, passed.Number, Native.MSG_DONTWAIT);

    /// <summary>Receives one message; waits for it.</summary>
    /// <param name="buffer">Takes the message, at most <see cref="MaxMessageBytes"/>.</param>
    /// <param name="received">How long it is, who sent it, and the descriptor it carried.</param>
    /// <returns>EPIPE when the other end is gone; EMSGSIZE when the message was longer, and is lost.</returns>
    public Errno Receive(Span<byte> buffer, out ReceivedMessage received)
    {
        Errno error = Receive(buffer, 0, out int length, out int sender, out int passed);
        received = error == Errno.None
            ? new ReceivedMessage(length, sender, passed == NoNumber ? null : new Descriptor(passed))
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
        Errno error = Receive(buffer, Native.MSG_DONTWAIT, out length, out _, out int number);
        passed = number == NoNumber ? null : new PassedFile(number);
        return error;
    }

    private Errno Send(ReadOnlySpan<byte> message, int passed, int flags)
    {
        if (message.IsEmpty)
        {
            throw new ArgumentException("An empty message looks like the end of the connection.", nameof(message));
        }

        byte* control = stackalloc byte[ControlBytes];
        fixed (byte* data = message)
        {
            Native.IoVector vector = new() { Base = data, Length = message.Length };
            Native.MessageHeader header = new() { Vectors = &vector, VectorCount = 1 };
            if (passed != NoNumber)
            {
                Native.ControlHeader* first = (Native.ControlHeader*)control;
                *first = new Native.ControlHeader
                {
                    Length = sizeof(Native.ControlHeader) + sizeof(int),
                    Level = Native.SOL_SOCKET,
                    Type = Native.SCM_RIGHTS,
                };
                *(int*)(first + 1) = passed;
                header.Control = control;
                header.ControlLength = sizeof(Native.ControlHeader) + sizeof(long);
            }

            return Native.sendmsg(this, &header, Native.MSG_NOSIGNAL | flags) >= 0 ? Errno.None : LastError();
        }
    }

    private Errno Receive(Span<byte> buffer, int flags, out int length, out int sender, out int passed)
    {
        sender = 0;
        passed = NoNumber;
        byte* control = stackalloc byte[ControlBytes];
        fixed (byte* data = buffer)
        {
            Native.IoVector vector = new() { Base = data, Length = buffer.Length };
            Native.MessageHeader header = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlBytes,
            };
            do
            {
                length = (int)Native.recvmsg(this, &header, Native.MSG_CMSG_CLOEXEC | flags);
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);

            if (length < 0)
            {
                return LastError();
            }

            Unpack(control, header.ControlLength, ref sender, ref passed);
            bool whole = length > 0 && (header.Flags & Native.MSG_TRUNC) == 0;
            if (!whole && passed != NoNumber)
            {
                new PassedFile(passed).Close();
                passed = NoNumber;
            }

            return whole ? Errno.None : length == 0 ? Errno.EPIPE : Errno.EMSGSIZE;
        }
    }

    /// <summary>
    /// A peer that died before it had read everything resets the connection instead of ending it (unix(7)).
    /// </summary>
    private static Errno LastError()
    {
        Errno error = (Errno)Marshal.GetLastPInvokeError();
        return error == Errno.ECONNRESET ? Errno.EPIPE : error;
    }

    private static void Unpack(byte* control, nint controlLength, ref int sender, ref int passed)
    {
        for (nint at = 0; at + sizeof(Native.ControlHeader) <= controlLength;)
        {
            Native.ControlHeader* header = (Native.ControlHeader*)(control + at);
            int* payload = (int*)(header + 1);
            switch (header->Type)
            {
                case Native.SCM_RIGHTS:
                    passed = KeepFirst(payload, (int)(header->Length - sizeof(Native.ControlHeader)) / sizeof(int));
                    break;
                case Native.SCM_CREDENTIALS:
                    sender = *payload;
                    break;
            }

            at += (header->Length + 7) & ~7;
        }
    }

    /// <summary>
    /// Keeps the first of the descriptors that a message carried. NoNumber expects more, so the rest is closed.
    /// </summary>
    private static int KeepFirst(int* numbers, int count)
    {
        for (int i = 1; i < count; i++)
        {
            new PassedFile(numbers[i]).Close();
        }

        return numbers[0];
    }

    private void PassCredentials()
    {
        int on = 1;
        if (Native.setsockopt(this, Native.SOL_SOCKET, Native.SO_PASSCRED, in on, sizeof(int)) < 0)
        {
            throw ErrnoException.Last(nameof(Native.setsockopt), "SO_PASSCRED");
        }
    }

    private static partial class Native
    {
        internal const int AF_UNIX = 1;
        internal const int SOCK_SEQPACKET = 5;
        internal const int SOCK_CLOEXEC = 0x80000;
        internal const int SOL_SOCKET = 1;
        internal const int SO_SNDBUF = 7;
        internal const int SO_PASSCRED = 16;
        internal const int SCM_RIGHTS = 1;
        internal const int SCM_CREDENTIALS = 2;
        internal const int MSG_TRUNC = 0x20;
        internal const int MSG_DONTWAIT = 0x40;
        internal const int MSG_NOSIGNAL = 0x4000;
        internal const int MSG_CMSG_CLOEXEC = 0x4000_0000;

        internal struct IoVector
        {
            public byte* Base;
            public nint Length;
        }

        internal struct MessageHeader
        {
            public byte* Name;
            public uint NameLength;
            public IoVector* Vectors;
            public nint VectorCount;
            public byte* Control;
            public nint ControlLength;
            public int Flags;
        }

        internal struct ControlHeader
        {
            public nint Length;
            public int Level;
            public int Type;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int socketpair(int domain, int type, int protocol, int* pair);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setsockopt(ControlSocket socket, int level, int option, in int value, uint length);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint sendmsg(ControlSocket socket, MessageHeader* header, int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint recvmsg(ControlSocket socket, MessageHeader* header, int flags);
    }
}
