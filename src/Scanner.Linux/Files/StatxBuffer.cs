using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>What statx(2) fills in, as far as it is read here (struct statx, 256 bytes on every architecture).</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatxBuffer
{
    [FieldOffset(0)]
    public uint Mask;

    [FieldOffset(16)]
    public uint Links;

    [FieldOffset(20)]
    public uint OwnerId;

    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;

    [FieldOffset(40)]
    public ulong Size;

    [FieldOffset(144)]
    public ulong MountId;

    [FieldOffset(80)]
    private readonly long _bornSeconds;

    [FieldOffset(88)]
    private readonly uint _bornNanoseconds;

    [FieldOffset(96)]
    private readonly long _changedSeconds;

    [FieldOffset(104)]
    private readonly uint _changedNanoseconds;

    [FieldOffset(112)]
    private readonly long _modifiedSeconds;

    [FieldOffset(120)]
    private readonly uint _modifiedNanoseconds;

    [FieldOffset(136)]
    private readonly uint _deviceMajor;

    [FieldOffset(140)]
    private readonly uint _deviceMinor;

    public readonly FileKind Kind => (FileKind)(Mode & 0xF000);

    public readonly ulong Device => ((ulong)_deviceMajor << 32) | _deviceMinor;

    /// <summary>Nanoseconds since 1970, as the two below.</summary>
    public readonly long BornAt => Nanoseconds(_bornSeconds, _bornNanoseconds);

    public readonly long ChangedAt => Nanoseconds(_changedSeconds, _changedNanoseconds);

    public readonly long ModifiedAt => Nanoseconds(_modifiedSeconds, _modifiedNanoseconds);

    private static long Nanoseconds(long seconds, uint nanoseconds) => (seconds * 1_000_000_000) + nanoseconds;
}
