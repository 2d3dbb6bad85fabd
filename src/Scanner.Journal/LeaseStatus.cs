using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Scanner.Journal;

/// <summary>How many leases the supervisor may keep, how many it keeps, and what became of them.</summary>
/// <remarks>
/// Limit and time are there before the supervisor starts; the rest is written by its one thread that keeps leases, and
/// read by the worker.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public struct LeaseStatus
{
    public const int ByteCount = 192;

    /// <summary>Leases that may be kept at a time, if the machine's own limits let it.</summary>
    [FieldOffset(0)]
    public int Limit;

    [FieldOffset(4)]
    private int _room;

    [FieldOffset(8)]
    private int _kept;

    /// <summary>
    /// How long a lease is kept at a time, nanoseconds. As long an unused file keeps its file system mounted.
    /// </summary>
    [FieldOffset(16)]
    public long Time;

    [FieldOffset(64)]
    private CounterTable _counters;

    /// <summary>How many more can be kept now: 0 before there is somebody to keep them.</summary>
    public int Room
    {
        readonly get => Volatile.Read(in _room);
        set => Volatile.Write(ref _room, value);
    }

    /// <summary>How many are kept.</summary>
    public int Kept
    {
        readonly get => Volatile.Read(in _kept);
        set => Volatile.Write(ref _kept, value);
    }

    public readonly long this[LeaseCounter counter] => Volatile.Read(in _counters[(int)counter]);

    /// <summary>One writer only.</summary>
    public void Count(LeaseCounter counter, long amount = 1) =>
        Volatile.Write(ref _counters[(int)counter], _counters[(int)counter] + amount);

    /// <summary>Counts a lease that was broken. One writer only.</summary>
    public void CountBreak(long nanoseconds)
    {
        Count(LeaseCounter.Broken);
        Count(LeaseCounter.BreakNanoseconds, nanoseconds);
        Count(
            LeaseCounter.LongestBreakNanoseconds,
            Math.Max(0, nanoseconds - _counters[(int)LeaseCounter.LongestBreakNanoseconds]));
    }

    [InlineArray(16)]
    private struct CounterTable
    {
        private long _first;
    }
}
