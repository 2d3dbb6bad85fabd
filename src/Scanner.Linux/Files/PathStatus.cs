using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>What lies at a path, and who may change it; a symbolic link is not followed (lstat(2)).</summary>
/// <param name="Kind">The type.</param>
/// <param name="Permissions">The mode's lowest twelve bits: permissions, sticky, set-user-ID, set-group-ID.</param>
/// <param name="Owner">The user id.</param>
/// <param name="Device">The device number.</param>
/// <param name="Inode">The inode number, unique on its device.</param>
public readonly partial record struct PathStatus(
    FileKind Kind, UnixFileMode Permissions, uint Owner, ulong Device, ulong Inode)
{
    /// <returns>ENOENT where nothing is; then the status is empty.</returns>
    public static Errno TryGet(string path, out PathStatus status)
    {
        const uint mask = Native.STATX_TYPE | Native.STATX_MODE | Native.STATX_UID | Native.STATX_INO;
        const int flags = Native.AT_SYMLINK_NOFOLLOW;
        if (Native.statx(Native.AT_FDCWD, path, flags, mask, out StatxBuffer raw) != 0)
        {
            status = default;
            return (Errno)Marshal.GetLastPInvokeError();
        }

        status = new PathStatus(raw.Kind, (UnixFileMode)(raw.Mode & 0xFFF), raw.OwnerId, raw.Device, raw.Inode);
        return Errno.None;
    }

    private static partial class Native
    {
        internal const int AT_FDCWD = -100;
        internal const int AT_SYMLINK_NOFOLLOW = 0x100;
        internal const uint STATX_TYPE = 0x1;
        internal const uint STATX_MODE = 0x2;
        internal const uint STATX_UID = 0x8;
        internal const uint STATX_INO = 0x100;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);
    }
}
