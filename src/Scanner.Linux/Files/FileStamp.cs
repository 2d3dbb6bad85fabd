using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>What changes when the file at a path is written, touched or replaced.</summary>
/// <param name="Kind">The type.</param>
/// <param name="Device">The device number.</param>
/// <param name="Inode">The inode number.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">Modification time, nanoseconds since 1970. Its owner can set it.</param>
/// <param name="ChangedAt">Change time, nanoseconds since 1970 by the system's clock. Nobody can set it.</param>
public readonly partial record struct FileStamp(
    FileKind Kind, ulong Device, ulong Inode, long Size, long ModifiedAt, long ChangedAt)
{
    /// <summary>Looks at a path with statx(2); symbolic links are followed.</summary>
    /// <returns><c>null</c> if there is nothing, or it cannot be reached.</returns>
    public static FileStamp? TryRead(string path)
    {
        if (Native.statx(Native.AT_FDCWD, path, 0, Native.STATX_BASIC_STATS, out StatxBuffer raw) != 0)
        {
            return null;
        }

        return new FileStamp(raw.Kind, raw.Device, raw.Inode, (long)raw.Size, raw.ModifiedAt, raw.ChangedAt);
    }

    private static partial class Native
    {
        internal const int AT_FDCWD = -100;
        internal const uint STATX_BASIC_STATS = 0x7FF;

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);
    }
}
