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
        if (Native.statx(Native.AT_FDCWD, path, 0, Native.STATX_BASIC_STATS, out Native.Statx raw) != 0)
        {
            return null;
        }

        return new FileStamp(
            (FileKind)(raw.Mode & 0xF000),
            ((ulong)raw.DeviceMajor << 32) | raw.DeviceMinor,
            raw.Inode,
            (long)raw.Size,
            (raw.ModifiedSeconds * 1_000_000_000) + raw.ModifiedNanoseconds,
            (raw.ChangedSeconds * 1_000_000_000) + raw.ChangedNanoseconds);
    }

    private static partial class Native
    {
        internal const int AT_FDCWD = -100;
        internal const uint STATX_BASIC_STATS = 0x7FF;

        [StructLayout(LayoutKind.Explicit, Size = 256)]
        internal struct Statx
        {
            [FieldOffset(28)]
            public ushort Mode;

            [FieldOffset(32)]
            public ulong Inode;

            [FieldOffset(40)]
            public ulong Size;

            [FieldOffset(96)]
            public long ChangedSeconds;

            [FieldOffset(104)]
            public uint ChangedNanoseconds;

            [FieldOffset(112)]
            public long ModifiedSeconds;

            [FieldOffset(120)]
            public uint ModifiedNanoseconds;

            [FieldOffset(136)]
            public uint DeviceMajor;

            [FieldOffset(140)]
            public uint DeviceMinor;
        }

        [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int statx(int directory, string path, int flags, uint mask, out Statx buffer);
    }
}
