using System.Runtime.InteropServices;

namespace Scanner.Journal;

/// <summary>One fanotify group that the supervisor keeps. Only the supervisor writes it.</summary>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public struct GroupEntry
{
    public const int ByteCount = 64;

    [FieldOffset(0)]
    private int _isOpen;

    /// <summary>Which incarnation of this index it is: grows with every group opened under it.</summary>
    [FieldOffset(4)]
    public int Generation;

    /// <summary>What the worker opened it for, so that the next worker finds it again.</summary>
    [FieldOffset(8)]
    public ulong Key;

    public readonly bool IsOpen => Volatile.Read(in _isOpen) != 0;

    public void Open(ulong key)
    {
        Key = key;
        Generation++;
        Volatile.Write(ref _isOpen, 1);
    }

    public void Close() => Volatile.Write(ref _isOpen, 0);
}
