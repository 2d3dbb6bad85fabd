using System.Runtime.CompilerServices;

namespace Scanner.Journal;

/// <summary>Remembers when something happened to a file.</summary>
/// <remarks>
/// A few places for each number that an inode hashes to, so that it never grows: where all are taken, the oldest is
/// forgotten. Each is one word, which any thread and process may read while others write; of two that write at once, one
/// may be forgotten.
/// </remarks>
[InlineArray(Length)]
public struct RecentFiles
{
    public const int Length = 32_768;
    public const int ByteCount = Length * sizeof(ulong);

    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Places for each hash.</summary>
    private const int Ways = 4;

    /// <summary>Times are kept in 2^24 ns, about 17 ms, and come again after two years.</summary>
    private const int UnitBits = 24;

    private ulong _first;

    /// <summary>Notes that it happened at this moment.</summary>
    public void Note(ulong device, ulong inode, long now)
    {
        ulong hash = Hash(device, inode);
        int first = FirstOf(hash);
        int place = first;
        uint oldest = 0;
        for (int at = first; at < first + Ways; at++)
        {
            ulong entry = Volatile.Read(ref this[at]);
            if (TagOf(entry) == TagOf(hash))
            {
                place = at;
                break;
            }

            uint age = entry == 0 ? uint.MaxValue : AgeOf(entry, now);
            if (age > oldest)
            {
                oldest = age;
                place = at;
            }
        }

        Volatile.Write(ref this[place], TagOf(hash) | (uint)(now >> UnitBits));
    }

    /// <summary>Whether it happened within a period before now, as far as is remembered.</summary>
    /// <param name="device">The file system.</param>
    /// <param name="inode">The file.</param>
    /// <param name="now">Nanoseconds of the monotonic clock.</param>
    /// <param name="period">Nanoseconds.</param>
    public bool Has(ulong device, ulong inode, long now, long period)
    {
        ulong hash = Hash(device, inode);
        int first = FirstOf(hash);
        for (int at = first; at < first + Ways; at++)
        {
            ulong entry = Volatile.Read(ref this[at]);
            if (entry != 0 && TagOf(entry) == TagOf(hash))
            {
                return AgeOf(entry, now) <= period >> UnitBits;
            }
        }

        return false;
    }

    private static ulong Hash(ulong device, ulong inode)
    {
        ulong hash = ((device * Spread) ^ inode) * Spread;
        return hash ^ (hash >> 32);
    }

    private static int FirstOf(ulong hash) => (int)(hash & (Length - 1) & ~(ulong)(Ways - 1));

    /// <summary>What differs between files of the same places.</summary>
    private static ulong TagOf(ulong word) => (word & ~(ulong)uint.MaxValue) | (1UL << 32);

    private static uint AgeOf(ulong entry, long now) => (uint)(now >> UnitBits) - (uint)entry;
}
