using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>What statx(2) tells of a file, as far as a decision needs it.</summary>
/// <param name="Kind">The type.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Inode">The inode number; reused after a deletion.</param>
/// <param name="MountId">
/// The mount the file was reached through: the id that is never reused (Linux 6.8), else the id that
/// /proc/PID/mountinfo shows.
/// </param>
public readonly partial record struct FileStatus(FileKind Kind, long Size, ulong Inode, ulong MountId)
{
    /// <summary>As the event's descriptor shows it.</summary>
    internal static Errno TryGet(int number, StatusScope scope, out FileStatus status) =>
        TryGet(number, scope, Native.STATX_MNT_ID_UNIQUE, out status);

    /// <summary>The status of what a descriptor refers to, O_PATH included.</summary>
    /// <exception cref="ErrnoException">The file system does not answer.</exception>
    public static FileStatus Of(Descriptor descriptor)
    {
        Errno error = TryGet(descriptor.Number, StatusScope.Cached, Native.STATX_MNT_ID_UNIQUE, out FileStatus status);
        return error == Errno.None ? status : throw ErrnoException.From(error, nameof(Native.statx));
    }

    /// <summary>The mount id as /proc/PID/mountinfo shows it, which is reused after an unmount.</summary>
    /// <exception cref="ErrnoException">The file system does not answer.</exception>
    public static int ListedMountIdOf(Descriptor descriptor)
    {
        Errno error = TryGet(descriptor.Number, StatusScope.Cached, 0, out FileStatus status);
        return error == Errno.None ? (int)status.MountId : throw ErrnoException.From(error, nameof(Native.statx));
    }

    /// <summary>Whether the kernel knows mount ids that are never reused (Linux 6.8).</summary>
    internal static bool HasUniqueMountId(Descriptor descriptor) =>
        Native.statx(descriptor.Number, "\0"u8, Native.AT_EMPTY_PATH, Native.STATX_MNT_ID_UNIQUE, out Native.Statx raw) == 0
        && (raw.Mask & Native.STATX_MNT_ID_UNIQUE) != 0;

    private static Errno TryGet(int number, StatusScope scope, uint extraMask, out FileStatus status)
    {
        uint mask = Native.STATX_TYPE | Native.STATX_INO | Native.STATX_SIZE | Native.STATX_MNT_ID | extraMask;
        int flags = Native.AT_EMPTY_PATH | (scope == StatusScope.Cached ? Native.AT_STATX_DONT_SYNC : 0);
        if (Native.statx(number, "\0"u8, flags, mask, out Native.Statx raw) < 0)
        {
            status = default;
            return (Errno)Marshal.GetLastPInvokeError();
        }

        status = new FileStatus((FileKind)(raw.Mode & 0xF000), (long)raw.Size, raw.Inode, raw.MountId);
        return Errno.None;
    }

    private static partial class Native
    {
        internal const int AT_EMPTY_PATH = 0x1000;
        internal const int AT_STATX_DONT_SYNC = 0x4000;
        internal const uint STATX_TYPE = 0x1;
        internal const uint STATX_INO = 0x100;
        internal const uint STATX_SIZE = 0x200;
        internal const uint STATX_MNT_ID = 0x1000;
        internal const uint STATX_MNT_ID_UNIQUE = 0x4000;

        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct Statx
        {
            [FieldOffset(0)]
            public uint Mask;

            [FieldOffset(28)]
            public ushort Mode;

            [FieldOffset(32)]
            public ulong Inode;

            [FieldOffset(40)]
            public ulong Size;

            [FieldOffset(144)]
            public ulong MountId;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int statx(int directory, ReadOnlySpan<byte> path, int flags, uint mask, out Statx buffer);
    }
}
