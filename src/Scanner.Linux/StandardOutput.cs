using System.Runtime.InteropServices;

namespace Scanner.Linux;

/// <summary>Standard output, written straight to its descriptor.</summary>
/// <remarks>
/// Every stream of the framework's console writes under one lock, so while nobody reads standard error nothing would
/// come out here either. A file stream would keep a position of its own, and overwrite what another process that has
/// the same file has written.
/// </remarks>
public sealed partial class StandardOutput : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Writes everything, and waits for whoever reads.</summary>
    /// <exception cref="ErrnoException">EPIPE when nobody can read any more, ENOSPC on a full disk.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written = Native.write(Native.STDOUT_FILENO, buffer, buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            switch ((Errno)Marshal.GetLastPInvokeError())
            {
                case Errno.EINTR:
                    break;
                case Errno.EAGAIN:
                    // Somebody who shares the descriptor has made it non-blocking.
                    Native.PollDescriptor output = new() { Number = Native.STDOUT_FILENO, Events = Native.POLLOUT };
                    _ = Native.poll(ref output, 1, Timeout.Infinite);
                    break;
                default:
                    throw ErrnoException.Last(nameof(Native.write));
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static partial class Native
    {
        internal const int STDOUT_FILENO = 1;
        internal const short POLLOUT = 4;

        [StructLayout(LayoutKind.Sequential)]
        internal struct PollDescriptor
        {
            public int Number;
            public short Events;
            public short Returned;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint write(int fd, ReadOnlySpan<byte> buffer, nint count);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int poll(ref PollDescriptor descriptors, ulong count, int timeout);
    }
}
