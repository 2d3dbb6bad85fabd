using System.Runtime.InteropServices;

namespace Scanner.Linux.Mounts;

/// <summary>The file behind a loop device (loop(4)).</summary>
/// <param name="Number">Which loop device.</param>
/// <param name="Device">The device number of the file's file system.</param>
/// <param name="Inode">The file's inode number.</param>
public readonly partial record struct LoopTarget(uint Number, DeviceNumber Device, ulong Inode)
{
    /// <summary>Asks an opened loop device (LOOP_GET_STATUS64).</summary>
    /// <exception cref="ErrnoException">ENXIO when no file is behind it; ENOTTY when it is no loop device.</exception>
    public static LoopTarget Of(Descriptor loop)
    {
        if (Native.ioctl(loop, Native.LOOP_GET_STATUS64, out Native.LoopInfo info) < 0)
        {
            throw ErrnoException.Last(nameof(Native.ioctl), "LOOP_GET_STATUS64");
        }

        uint number = (uint)info.Device;
        DeviceNumber device = new((number & 0xFFF00) >> 8, (number & 0xFF) | ((number >> 12) & 0xFFF00));
        return new LoopTarget(info.Number, device, info.Inode);
    }

    private static partial class Native
    {
        internal const ulong LOOP_GET_STATUS64 = 0x4C05;

        [StructLayout(LayoutKind.Explicit, Size = 232)]
        internal struct LoopInfo
        {
            [FieldOffset(0)]
            public ulong Device;

            [FieldOffset(8)]
            public ulong Inode;

            [FieldOffset(40)]
            public uint Number;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int ioctl(Descriptor device, ulong request, out LoopInfo info);
    }
}
