using System.Globalization;
using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>A borrowed descriptor of a file, to look at the file and to read its content by position.</summary>
/// <remarks>
/// Borrowed: whoever lends it keeps it open until the borrower is done, and closes it. Reads do not move a file
/// position, so several readers may share one descriptor, and they raise no permission event (fanotify(7):
/// descriptors made by fanotify are exempt).
/// </remarks>
public readonly partial record struct ContentDescriptor
{
    /// <summary>Held open, so that a look-up is one step and not four.</summary>
    private static readonly Descriptor s_ownDescriptors = Descriptor.OpenPath("/proc/self/fd");

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

    /// <summary>Whether the file can still be found by a name.</summary>
    public bool HasName => FileStatus.HasName(_number);

    /// <summary>
    /// Whether the descriptor was opened for reading: neither for writing only nor as a place (O_PATH). Whoever gets
    /// a copy of it can read no more than this.
    /// </summary>
    public bool IsReadable
    {
        get
        {
            int flags = Native.fcntl(_number, Native.F_GETFL, 0);
            return flags >= 0 && (flags & Native.O_PATH) == 0 && (flags & Native.O_ACCMODE) != Native.O_WRONLY;
        }
    }

    /// <summary>What the kernel knows of the file (statx(2)).</summary>
    public Errno TryGetStatus(StatusScope scope, out FileStatus status) =>
        FileStatus.TryGet(_number, scope, out status);

    /// <summary>
    /// Encodes a handle that finds the file again after this descriptor is gone (name_to_handle_at(2)).
    /// </summary>
    public Errno TryGetHandle(ref FileHandle handle) => FileHandle.TryEncode(_number, ref handle);

    /// <summary>
    /// The path under which the file was opened, in the opener's mount namespace. For people and for rules.
    /// </summary>
    /// <param name="buffer">Takes the path; the kernel gives at most 4,095 bytes.</param>
    /// <param name="length">The path's length in bytes.</param>
    /// <returns>ENAMETOOLONG for a longer path.</returns>
    public Errno TryGetPath(Span<byte> buffer, out int length)
    {
        Span<byte> name = stackalloc byte[16];
        _ = _number.TryFormat(name, out int digits, default, CultureInfo.InvariantCulture);
        name[digits] = 0;
        nint read = Native.readlinkat(s_ownDescriptors.Number, name, buffer, (nuint)buffer.Length);
        if (read < 0)
        {
            length = 0;
            return (Errno)Marshal.GetLastPInvokeError();
        }

        length = (int)read;
        return length == buffer.Length ? Errno.ENAMETOOLONG : Errno.None;
    }

    private static partial class Native
    {
        internal const int F_GETFL = 3;
        internal const int O_ACCMODE = 3;
        internal const int O_WRONLY = 1;
        internal const int O_PATH = 0x200000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fcntl(int fd, int command, int argument);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint pread(int fd, Span<byte> buffer, nuint count, long offset);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint readlinkat(
            int directory, ReadOnlySpan<byte> path, Span<byte> buffer, nuint size);
    }
}
