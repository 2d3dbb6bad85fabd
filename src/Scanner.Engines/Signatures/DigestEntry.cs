using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Scanner.Engines.Signatures;

/// <summary>One signature: the hash and size of the content, and where its name is.</summary>
/// <param name="digest">The hash.</param>
/// <param name="size">The content's size in bytes, or <see cref="HashLine.AnySize"/>.</param>
/// <param name="name">The name's place in the <see cref="NameStore"/>.</param>
/// <remarks>
/// Packed, because there are millions: 28 bytes for MD5, 32 for SHA-1, 44 for SHA-256. Sorted by hash, then size, then
/// by which was loaded first.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct DigestEntry<TDigest>(TDigest digest, long size, int name)
    : IComparable<DigestEntry<TDigest>>
    where TDigest : unmanaged
{
    private readonly TDigest _digest = digest;
    private readonly long _size = size;
    private readonly int _name = name;

    [UnscopedRef]
    public ReadOnlySpan<byte> Digest => MemoryMarshal.AsBytes(new ReadOnlySpan<TDigest>(in _digest));

    public long Size => _size;

    public int Name => _name;

    public int CompareTo(DigestEntry<TDigest> other)
    {
        int order = CompareTo(other.Digest, other._size);
        return order != 0 ? order : _name.CompareTo(other._name);
    }

    public int CompareTo(ReadOnlySpan<byte> digest, long size)
    {
        int order = Digest.SequenceCompareTo(digest);
        return order != 0 ? order : _size.CompareTo(size);
    }
}
