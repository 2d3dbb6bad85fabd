using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Sockets;

/// <summary>What goes with bytes over a unix socket: a descriptor, and who has sent them (unix(7)).</summary>
internal static unsafe partial class SocketMessage
{
    /// <summary>In place of a descriptor's number.</summary>
    public const int NoNumber = -1;

    /// <summary>For a sender's credentials, and some descriptors.</summary>
    private const int ControlBytes = 128;

    /// <summary>Has the kernel tell with everything received who sent it (SO_PASSCRED).</summary>
    public static Errno PassCredentials(Descriptor socket)
    {
        int on = 1;
        return Native.setsockopt(socket, Native.SOL_SOCKET, Native.SO_PASSCRED, in on, sizeof(int)) < 0
            ? LastError()
            : Errno.None;
    }

    /// <summary>Sends a message, or as much of a stream as goes at once.</summary>
    /// <param name="socket">Connected.</param>
    /// <param name="bytes">At least one.</param>
    /// <param name="passed">
    /// The number of a descriptor of which the receiver gets a copy, or <see cref="NoNumber"/>.
    /// </param>
    /// <param name="waits">Whether to wait for room.</param>
    /// <param name="sent">How many bytes were taken, the descriptor with the first.</param>
    /// <returns>EPIPE when the other end is gone; EAGAIN instead of waiting.</returns>
    public static Errno Send(Descriptor socket, ReadOnlySpan<byte> bytes, int passed, bool waits, out int sent)
    {
        int flags = Native.MSG_NOSIGNAL | (waits ? 0 : Native.MSG_DONTWAIT);
        byte* control = stackalloc byte[sizeof(ControlHeader) + sizeof(long)];
        fixed (byte* data = bytes)
        {
            IoVector vector = new() { Base = data, Length = bytes.Length };
            MessageHeader header = new() { Vectors = &vector, VectorCount = 1 };
            if (passed != NoNumber)
            {
                Pack(passed, (ControlHeader*)control);
                header.Control = control;
                header.ControlLength = sizeof(ControlHeader) + sizeof(long);
            }

            nint result;
            do
            {
                result = Native.sendmsg(socket, &header, flags);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);

            sent = (int)Math.Max(result, 0);
            return result > 0 ? Errno.None : result == 0 ? Errno.EPIPE : LastError();
        }
    }

    /// <summary>Receives a message, or what there is of a stream.</summary>
    /// <param name="socket">Connected.</param>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="waits">Whether to wait for the first.</param>
    /// <param name="length">How many came.</param>
    /// <param name="sender">Whose process sent them; 0 where it cannot be seen.</param>
    /// <param name="passed">
    /// The number of a descriptor, the caller's from here on, or <see cref="NoNumber"/>. Of several the first: nobody
    /// expects more, and who sends them must not fill this process's table.
    /// </param>
    /// <returns>EPIPE at the end of the connection; EMSGSIZE if a message was longer, and is lost.</returns>
    public static Errno Receive(
        Descriptor socket, Span<byte> buffer, bool waits, out int length, out int sender, out int passed)
    {
        sender = 0;
        passed = NoNumber;
        int flags = Native.MSG_CMSG_CLOEXEC | (waits ? 0 : Native.MSG_DONTWAIT);
        byte* control = stackalloc byte[ControlBytes];
        fixed (byte* data = buffer)
        {
            IoVector vector = new() { Base = data, Length = buffer.Length };
            MessageHeader header = new()
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = ControlBytes,
            };
            do
            {
                length = (int)Native.recvmsg(socket, &header, flags);
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);

            if (length < 0)
            {
                length = 0;
                return LastError();
            }

            Unpack(control, header.ControlLength, ref sender, ref passed);
            bool isWhole = length > 0 && (header.Flags & Native.MSG_TRUNC) == 0;
            if (!isWhole && passed != NoNumber)
            {
                new PassedFile(passed).Close();
                passed = NoNumber;
            }

            return isWhole ? Errno.None : length == 0 ? Errno.EPIPE : Errno.EMSGSIZE;
        }
    }

    /// <summary>
    /// A peer that died before it had read everything resets the connection instead of ending it (unix(7)).
    /// </summary>
    public static Errno LastError()
    {
        Errno error = (Errno)Marshal.GetLastPInvokeError();
        return error == Errno.ECONNRESET ? Errno.EPIPE : error;
    }

    private static void Pack(int passed, ControlHeader* header)
    {
        *header = new ControlHeader
        {
            Length = sizeof(ControlHeader) + sizeof(int),
            Level = Native.SOL_SOCKET,
            Type = Native.SCM_RIGHTS,
        };
        *(int*)(header + 1) = passed;
    }

    private static void Unpack(byte* control, nint controlLength, ref int sender, ref int passed)
    {
        for (nint at = 0; at + sizeof(ControlHeader) <= controlLength;)
        {
            ControlHeader* header = (ControlHeader*)(control + at);
            int* payload = (int*)(header + 1);
            switch (header->Type)
            {
                case Native.SCM_RIGHTS:
                    passed = KeepFirst(payload, (int)(header->Length - sizeof(ControlHeader)) / sizeof(int));
                    break;
                case Native.SCM_CREDENTIALS:
                    sender = *payload;
                    break;
            }

            at += (header->Length + 7) & ~7;
        }
    }

    private static int KeepFirst(int* numbers, int count)
    {
        for (int i = 1; i < count; i++)
        {
            new PassedFile(numbers[i]).Close();
        }

        return numbers[0];
    }

    private struct IoVector
    {
        public byte* Base;
        public nint Length;
    }

    private struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nint VectorCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }

    private struct ControlHeader
    {
        public nint Length;
        public int Level;
        public int Type;
    }

    private static partial class Native
    {
        internal const int SOL_SOCKET = 1;
        internal const int SO_PASSCRED = 16;
        internal const int SCM_RIGHTS = 1;
        internal const int SCM_CREDENTIALS = 2;
        internal const int MSG_TRUNC = 0x20;
        internal const int MSG_DONTWAIT = 0x40;
        internal const int MSG_NOSIGNAL = 0x4000;
        internal const int MSG_CMSG_CLOEXEC = 0x4000_0000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setsockopt(Descriptor socket, int level, int option, in int value, uint length);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint sendmsg(Descriptor socket, MessageHeader* header, int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint recvmsg(Descriptor socket, MessageHeader* header, int flags);
    }
}
