using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>A borrowed descriptor of a regular file, to read its content by position.</summary>
/// <remarks>
/// Borrowed: whoever lends it keeps it open until the borrower is done, and closes it. Reads do not move a file
/// position, so several readers may share one descriptor, and they raise no permission event (fanotify(7):
/// descriptors made by fanotify are exempt).
/// </remarks>
public readonly partial record struct ContentDescriptor
{
    private readonly int _number;

    internal ContentDescriptor(int number) => _number = number;

    internal int Number => _number;

    /// <summary>Reads up to <paramref name="buffer"/>'s length at <paramref name="offset"/> (pread(2)).</summary>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="count">The bytes read; 0 at the end of the file and on an error.</param>
    /// <returns><see cref="Errno.None"/>, or why nothing was read. An interrupted call is repeated.</returns>
    public Errno TryRead(Span<byte> buffer, long offset, out int count)
    {
        while (true)
        {
            nint read = Native.pread(_number, buffer, (nuint)buffer.Length, offset);
            if (read >= 0)
            {
                count = (int)read;
                return Errno.None;
            }

            Errno error = (Errno)Marshal.GetLastPInvokeError();
            if (error != Errno.EINTR)
            {
                count = 0;
                return error;
            }
        }
    }

    private static partial class Native
    {
        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint pread(int fd, Span<byte> buffer, nuint count, long offset);
    }
}
