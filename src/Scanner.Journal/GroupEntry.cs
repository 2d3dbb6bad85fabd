using System.Runtime.InteropServices;

namespace Scanner.Journal;

/// <summary>One fanotify group that the supervisor keeps. Only the supervisor opens and closes it.</summary>
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

    [FieldOffset(16)]
    private int _hasMarks;

    /// <summary>
    /// Whether files may have been marked in the group so that opens of them pass unasked. Set before the first.
    /// </summary>
    public bool HasMarks
    {
        readonly get => Volatile.Read(in _hasMarks) != 0;
        set => Volatile.Write(ref _hasMarks, value ? 1 : 0);
    }

    public readonly bool IsOpen => Volatile.Read(in _isOpen) != 0;

    public void Open(ulong key)
    {
        Key = key;
        Generation++;
        HasMarks = false;
        Volatile.Write(ref _isOpen, 1);
    }

    public void Close() => Volatile.Write(ref _isOpen, 0);
}
