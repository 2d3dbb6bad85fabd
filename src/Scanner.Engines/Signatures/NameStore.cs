using System.Buffers.Binary;
using System.Text;

namespace Scanner.Engines.Signatures;

/// <summary>The names of all signatures as bytes; a string is made only for a hit.</summary>
/// <remarks>
/// Each name is two bytes of length and then its bytes. Kept in blocks, so that growing copies nothing; no name
/// crosses a block's end.
/// </remarks>
internal sealed class NameStore
{
    /// <summary>The most bytes of names: some 40 million of them, and far below what a position can address.</summary>
    public const long MaxBytes = 1L << 30;

    private const int LengthBytes = sizeof(ushort);
    private const int BlockBits = 18;
    private const int BlockLength = 1 << BlockBits;

    private readonly List<byte[]> _blocks = [];
    private int _used = BlockLength;
    private int _last = -1;

    /// <summary>Whether a name of this many bytes can still be added.</summary>
    public bool HasRoomFor(int length) =>
        ((long)(_blocks.Count + 1) << BlockBits) <= MaxBytes || _used + LengthBytes + length <= BlockLength;

    /// <summary>Keeps a name; not while others read.</summary>
    /// <returns>The name's position. Later names have higher ones, but one like its predecessor shares its.</returns>
    public int Add(ReadOnlySpan<byte> name)
    {
        // Lists often give one name to thousands of files in a row.
        if (_last >= 0 && name.SequenceEqual(this[_last]))
        {
            return _last;
        }

        if (_used + LengthBytes + name.Length > BlockLength)
        {
            _blocks.Add(new byte[BlockLength]);
            _used = 0;
        }

        _last = ((_blocks.Count - 1) << BlockBits) + _used;
        Span<byte> place = _blocks[^1].AsSpan(_used);
        BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)name.Length);
        name.CopyTo(place[LengthBytes..]);
        _used += LengthBytes + name.Length;
        return _last;
    }

    /// <summary>The name's bytes, as the list has them.</summary>
    public ReadOnlySpan<byte> this[int position]
    {
        get
        {
            ReadOnlySpan<byte> place = _blocks[position >> BlockBits].AsSpan(position & (BlockLength - 1));
            return place.Slice(LengthBytes, BinaryPrimitives.ReadUInt16LittleEndian(place));
        }
    }

    /// <summary>The name for people. Bytes that are not UTF-8 become U+FFFD.</summary>
    public string Text(int position) => Encoding.UTF8.GetString(this[position]);
}
