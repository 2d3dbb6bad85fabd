using System.Runtime.CompilerServices;

namespace Scanner.Journal;

/// <summary>Remembers when something happened to a file.</summary>
/// <remarks>
/// One entry for each place that an inode's number hashes to, so that it never grows: a file is forgotten when another
/// comes to its place. Each entry is one word, which any thread and process may read while one writes it.
/// </remarks>
[InlineArray(Length)]
public struct RecentFiles
{
    public const int Length = 16_384;
    public const int ByteCount = Length * sizeof(ulong);

    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Times are kept in 2^24 ns, about 17 ms, and come again after two years.</summary>
    private const int UnitBits = 24;

    private ulong _first;

    /// <summary>Notes that it happened at this moment.</summary>
    public void Note(ulong device, ulong inode, long now)
    {
        ulong hash = Hash(device, inode);
        Volatile.Write(ref this[IndexOf(hash)], TagOf(hash) | (uint)(now >> UnitBits));
    }

    /// <summary>Whether it happened within a period before now, as far as is remembered.</summary>
    /// <param name="device">The file system.</param>
    /// <param name="inode">The file.</param>
    /// <param name="now">Nanoseconds of the monotonic clock.</param>
    /// <param name="period">Nanoseconds.</param>
    public bool Has(ulong device, ulong inode, long now, long period)
    {
        ulong hash = Hash(device, inode);
        ulong entry = Volatile.Read(ref this[IndexOf(hash)]);
        uint age = (uint)(now >> UnitBits) - (uint)entry;
        return (entry & ~(ulong)uint.MaxValue) == TagOf(hash) && age <= period >> UnitBits;
    }

    private static ulong Hash(ulong device, ulong inode)
    {
        ulong hash = ((device * Spread) ^ inode) * Spread;
        return hash ^ (hash >> 32);
    }

    private static int IndexOf(ulong hash) => (int)(hash & (Length - 1));

    /// <summary>What differs between files of the same place, and from an entry that was never written.</summary>
    private static ulong TagOf(ulong hash) => (hash & ~(ulong)uint.MaxValue) | (1UL << 32);
}
