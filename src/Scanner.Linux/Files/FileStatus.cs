using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>What statx(2) tells of a file, as far as a decision needs it.</summary>
/// <param name="Kind">The type.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Device">The device number; on btrfs each subvolume has its own.</param>
/// <param name="Inode">The inode number, unique on its device; reused after a deletion.</param>
/// <param name="MountId">
/// The mount the file was reached through: the id that is never reused (Linux 6.8), else the id that
/// /proc/PID/mountinfo shows.
/// </param>
/// <param name="ChangedAt">
/// Change time in nanoseconds since 1970 by the system's clock. It moves with content, owner, mode, links and, on the
/// file systems tested, with the file's own renaming; nobody can set it.
/// </param>
/// <param name="ModifiedAt">Modification time in nanoseconds since 1970; its owner can set it.</param>
/// <param name="BornAt">Time of birth in nanoseconds since 1970; nobody can set it. 0 where it is not kept.</param>
/// <param name="IsUserWritable">
/// Whether anybody but root may be able to write: not root's, or writable for its group or others. An access control
/// list that lets somebody write shows in the group's permission (acl(5)).
/// </param>
public readonly partial record struct FileStatus(
    FileKind Kind, long Size, ulong Device, ulong Inode, ulong MountId, long ChangedAt, long ModifiedAt, long BornAt,
    bool IsUserWritable)
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

    /// <summary>Whether the kernel knows mount ids that are never reused, and grow (Linux 6.8).</summary>
    public static bool HasUniqueMountId(Descriptor descriptor) =>
        Native.statx(descriptor.Number, "\0"u8, Native.AT_EMPTY_PATH, Native.STATX_MNT_ID_UNIQUE, out StatxBuffer raw) == 0
        && (raw.Mask & Native.STATX_MNT_ID_UNIQUE) != 0;

    /// <summary>Whether the file system has written down when the file was created.</summary>
    internal static bool HasBirthTime(Descriptor descriptor) =>
        Native.statx(descriptor.Number, "\0"u8, Native.AT_EMPTY_PATH, Native.STATX_BTIME, out StatxBuffer raw) == 0
        && (raw.Mask & Native.STATX_BTIME) != 0;

    /// <summary>Whether the file still has a name. Without one, its blocks are freed by whoever closes it last.</summary>
    internal static bool HasName(int number) =>
        Native.statx(number, "\0"u8, Native.AT_EMPTY_PATH | Native.AT_STATX_DONT_SYNC, Native.STATX_NLINK, out StatxBuffer raw) == 0
        && raw.LinkCount > 0;

    private static Errno TryGet(int number, StatusScope scope, uint extraMask, out FileStatus status)
    {
        int flags = Native.AT_EMPTY_PATH | (scope == StatusScope.Cached ? Native.AT_STATX_DONT_SYNC : 0);
        return TryGet(number, "\0"u8, flags, extraMask, out status);
    }

    private static Errno TryGet(
        int directory, ReadOnlySpan<byte> path, int flags, uint extraMask, out FileStatus status)
    {
        uint mask = Native.STATX_TYPE | Native.STATX_MODE | Native.STATX_UID | Native.STATX_INO | Native.STATX_SIZE
            | Native.STATX_MTIME | Native.STATX_CTIME | Native.STATX_BTIME | Native.STATX_MNT_ID | extraMask;
        if (Native.statx(directory, path, flags, mask, out StatxBuffer raw) < 0)
        {
            status = default;
            return (Errno)Marshal.GetLastPInvokeError();
        }

        bool isBornKnown = (raw.Mask & Native.STATX_BTIME) != 0;
        bool isUserWritable = raw.OwnerId != 0 || (raw.Mode & Native.S_IWGRP_IWOTH) != 0;
        status = new FileStatus(
            raw.Kind, (long)raw.Size, raw.Device, raw.Inode, raw.MountId, raw.ChangedAt, raw.ModifiedAt,
            isBornKnown ? raw.BornAt : 0, isUserWritable);
        return Errno.None;
    }

    private static partial class Native
    {
        internal const int AT_EMPTY_PATH = 0x1000;
        internal const int AT_STATX_DONT_SYNC = 0x4000;
        internal const int S_IWGRP_IWOTH = 0x12;
        internal const uint STATX_TYPE = 0x1;
        internal const uint STATX_MODE = 0x2;
        internal const uint STATX_NLINK = 0x4;
        internal const uint STATX_UID = 0x8;
        internal const uint STATX_MTIME = 0x40;
        internal const uint STATX_CTIME = 0x80;
        internal const uint STATX_INO = 0x100;
        internal const uint STATX_SIZE = 0x200;
        internal const uint STATX_BTIME = 0x800;
        internal const uint STATX_MNT_ID = 0x1000;
        internal const uint STATX_MNT_ID_UNIQUE = 0x4000;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int statx(
            int directory, ReadOnlySpan<byte> path, int flags, uint mask, out StatxBuffer buffer);
    }
}
