using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Scanner.Engines.Signatures;

/// <summary>Signatures of one hash algorithm as one sorted array.</summary>
internal sealed class SortedDigestTable<TDigest> : DigestTable
    where TDigest : unmanaged
{
    private readonly DigestEntry<TDigest>[] _entries;
    private readonly long[] _sizes;
    private readonly bool _hasAnySize;

    /// <param name="algorithm">What the hashes were made with.</param>
    /// <param name="entries">The signatures; the table takes the array over and sorts it in place.</param>
    public SortedDigestTable(HashAlgorithmName algorithm, DigestEntry<TDigest>[] entries)
        : base(algorithm, Unsafe.SizeOf<TDigest>())
    {
        Array.Sort(entries);
        Array.Resize(ref entries, RemoveDuplicates(entries));
        _entries = entries;
        _sizes = DistinctSizes(entries);
        _hasAnySize = _sizes is [HashLine.AnySize, ..];
    }

    public override int Count => _entries.Length;

    public override bool MayMatch(long size) => _hasAnySize || Array.BinarySearch(_sizes, size) >= 0;

    public override bool TryFind(ReadOnlySpan<byte> digest, long size, out int name) =>
        TryFindExact(digest, size, out name)
        || (_hasAnySize && TryFindExact(digest, HashLine.AnySize, out name));

    public override void AddTo(EpochHash epoch, NameStore names)
    {
        foreach (ref readonly DigestEntry<TDigest> entry in _entries.AsSpan())
        {
            epoch.Add(entry.Digest, entry.Size, names[entry.Name]);
        }
    }

    private bool TryFindExact(ReadOnlySpan<byte> digest, long size, out int name)
    {
        int low = 0;
        int high = _entries.Length - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) >> 1);
            int order = _entries[middle].CompareTo(digest, size);
            if (order == 0)
            {
                name = _entries[middle].Name;
                return true;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        name = -1;
        return false;
    }

    /// <summary>Keeps the first of those with the same hash and size, whose name was loaded first.</summary>
    private static int RemoveDuplicates(Span<DigestEntry<TDigest>> sorted)
    {
        int kept = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            if (kept == 0 || sorted[kept - 1].CompareTo(sorted[i].Digest, sorted[i].Size) != 0)
            {
                sorted[kept++] = sorted[i];
            }
        }

        return kept;
    }

    private static long[] DistinctSizes(ReadOnlySpan<DigestEntry<TDigest>> entries)
    {
        long[] sizes = new long[entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            sizes[i] = entries[i].Size;
        }

        Array.Sort(sizes);
        int kept = 0;
        foreach (long size in sizes)
        {
            if (kept == 0 || sizes[kept - 1] != size)
            {
                sizes[kept++] = size;
            }
        }

        Array.Resize(ref sizes, kept);
        return sizes;
    }
}
