using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Mounts;

/// <summary>What a file system says of itself.</summary>
/// <param name="Magic">Its type, as linux/magic.h numbers it.</param>
/// <param name="Id">f_fsid (statfs(2)): made of the UUID by ext4 and btrfs, of the device number by xfs.</param>
/// <param name="Uuid">FS_IOC_GETFSUUID, from Linux 6.9 on; else, and where there is none, empty.</param>
/// <param name="Device">The device number that the directory's files show.</param>
/// <param name="HasBirthTimes">Whether inodes have room for nanoseconds, and for the time of creation.</param>
/// <param name="HasLastingMountIds">Whether statx(2) gives mount ids that are never reused (Linux 6.8).</param>
public readonly partial record struct FilesystemStatus(
    uint Magic, ulong Id, Guid Uuid, DeviceNumber Device, bool HasBirthTimes, bool HasLastingMountIds)
{
    public const uint Ext = 0xEF53;
    public const uint Xfs = 0x5846_5342;
    public const uint Btrfs = 0x9123_683E;
    public const uint Tmpfs = 0x0102_1994;
    public const uint Overlay = 0x794C_7630;

    /// <summary>Asks the file system that a place lies on. It may wait for a server.</summary>
    /// <param name="place">Anything on it, O_PATH included; that one is never asked for the UUID.</param>
    /// <exception cref="ErrnoException">The file system does not answer.</exception>
    public static FilesystemStatus Of(Descriptor place)
    {
        if (Native.fstatfs(place, out Native.StatFs statfs) < 0)
        {
            throw ErrnoException.Last(nameof(Native.fstatfs));
        }

        Guid uuid = default;
        if (Native.ioctl(place, Native.FS_IOC_GETFSUUID, out Native.FsUuid answer) == 0 && answer.Length == 16)
        {
            uuid = new Guid(answer.Bytes, bigEndian: true);
        }

        ulong device = FileStatus.Of(place).Device;
        return new FilesystemStatus(
            (uint)statfs.Type,
            statfs.Id,
            uuid,
            new DeviceNumber((uint)(device >> 32), (uint)device),
            FileStatus.HasBirthTime(place),
            FileStatus.HasUniqueMountId(place));
    }

    private static partial class Native
    {
        internal const ulong FS_IOC_GETFSUUID = 0x8011_1500;

        [StructLayout(LayoutKind.Explicit, Size = 120)]
        internal struct StatFs
        {
            [FieldOffset(0)]
            public long Type;

            [FieldOffset(56)]
            public ulong Id;
        }

        [StructLayout(LayoutKind.Explicit, Size = 24)]
        internal struct FsUuid
        {
            [FieldOffset(0)]
            public byte Length;

            [FieldOffset(1)]
            private readonly byte _first;

            [UnscopedRef]
            public ReadOnlySpan<byte> Bytes => MemoryMarshal.CreateReadOnlySpan(in _first, 16);
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fstatfs(Descriptor place, out StatFs buffer);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int ioctl(Descriptor place, ulong request, out FsUuid answer);
    }
}
