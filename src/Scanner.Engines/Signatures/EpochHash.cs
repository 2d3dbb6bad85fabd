using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Scanner.Engines.Signatures;

/// <summary>Makes the epoch's text of everything loaded.</summary>
/// <remarks>
/// Over the sorted signatures and not over the lists' bytes: comments, the order of lines and the lists' names change
/// no verdict, and should not throw away those that are kept.
/// </remarks>
internal sealed class EpochHash : IDisposable
{
    /// <summary>The generation of what is built in, the EICAR test file. Raised when that changes.</summary>
    public const string BuiltIn = "builtin-1";

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;
    private bool _hasSignatures;

    public void Add(ReadOnlySpan<byte> digest, long size, ReadOnlySpan<byte> name)
    {
        const int fixedLength = sizeof(byte) + sizeof(long) + sizeof(ushort);
        _hasSignatures = true;
        if (_used + fixedLength + digest.Length + name.Length > _buffer.Length)
        {
            Flush();
        }

        // Every length is written too, so that no two sets of signatures have the same bytes.
        Span<byte> place = _buffer.AsSpan(_used);
        place[0] = (byte)digest.Length;
        BinaryPrimitives.WriteInt64LittleEndian(place[1..], size);
        BinaryPrimitives.WriteUInt16LittleEndian(place[9..], (ushort)name.Length);
        digest.CopyTo(place[fixedLength..]);
        name.CopyTo(place[(fixedLength + digest.Length)..]);
        _used += fixedLength + digest.Length + name.Length;
    }

    public string Finish()
    {
        if (!_hasSignatures)
        {
            return BuiltIn;
        }

        Flush();
        return $"{BuiltIn}-{Convert.ToHexStringLower(_hash.GetHashAndReset())}";
    }

    public void Dispose() => _hash.Dispose();

    private void Flush()
    {
        _hash.AppendData(_buffer, 0, _used);
        _used = 0;
    }
}
