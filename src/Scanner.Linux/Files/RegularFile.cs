using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>Opens what is expected to be a regular file, and nothing else.</summary>
/// <remarks>
/// A FIFO opened for reading blocks until somebody writes to it (fifo(7)), and a device can be read without end.
/// The kind is asked of the descriptor, after opening without blocking, so that nothing can be exchanged between the
/// two.
/// </remarks>
public static partial class RegularFile
{
    /// <summary>Opens a file for reading (open(2), O_RDONLY); symbolic links are followed.</summary>
    /// <returns>The file, owned by the caller; <c>null</c> if the path leads to anything but a regular file.</returns>
    /// <exception cref="ErrnoException">The path cannot be opened or its kind cannot be read.</exception>
    public static Descriptor? OpenRead(string path)
    {
        const int flags = Native.O_RDONLY | Native.O_CLOEXEC | Native.O_NONBLOCK | Native.O_NOCTTY;
        int number = Native.open(path, flags, 0);
        if (number < 0)
        {
            // A socket cannot be opened at all: ENXIO (open(2)).
            return Marshal.GetLastPInvokeError() == Native.ENXIO
                ? null
                : throw ErrnoException.Last(nameof(Native.open), path);
        }

        Descriptor file = new(number);
        Span<byte> status = stackalloc byte[Native.StatxLength];
        if (Native.statx(number, "", Native.AT_EMPTY_PATH, Native.STATX_TYPE, status) != 0)
        {
            ErrnoException error = ErrnoException.Last(nameof(Native.statx), path);
            file.Dispose();
            throw error;
        }

        if ((MemoryMarshal.Read<ushort>(status[Native.ModeOffset..]) & Native.S_IFMT) == Native.S_IFREG)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    private static partial class Native
    {
        internal const int O_RDONLY = 0;
        internal const int O_NOCTTY = 0x100;
        internal const int O_NONBLOCK = 0x800;
        internal const int O_CLOEXEC = 0x80000;
        internal const int AT_EMPTY_PATH = 0x1000;
        internal const uint STATX_TYPE = 1;
        internal const int S_IFMT = 0xF000;
        internal const int S_IFREG = 0x8000;
        internal const int ENXIO = 6;

        /// <summary>The bytes of struct statx, and where stx_mode is in it (statx(2)).</summary>
        internal const int StatxLength = 256;
        internal const int ModeOffset = 28;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int open(string path, int flags, uint mode);

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int directory, string path, int flags, uint mask, Span<byte> status);
    }
}
