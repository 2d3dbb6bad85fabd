using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Scanner.Core.Caching;

/// <summary>A keyed hash of a file's identity (SipHash-1-3).</summary>
/// <remarks>Users can choose inode numbers, but without the key not such as fall into one place of a table.</remarks>
internal readonly struct FileHash
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    /// <param name="key0">The first half of the key.</param>
    /// <param name="key1">The second half.</param>
    public FileHash(ulong key0, ulong key1)
    {
        _key0 = key0;
        _key1 = key1;
    }

    /// <summary>A hash with a key that nobody knows.</summary>
    public static FileHash Random()
    {
        Span<ulong> key = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(key));
        return new FileHash(key[0], key[1]);
    }

    public ulong Of(FileIdentity file)
    {
        const int length = 2 * sizeof(ulong);
        State state = new(_key0, _key1);
        state.Add(file.Filesystem);
        state.Add(file.Inode);
        state.Add((ulong)length << 56);
        return state.Finish();
    }

    private struct State(ulong key0, ulong key1)
    {
        private ulong _v0 = key0 ^ 0x736f6d6570736575;
        private ulong _v1 = key1 ^ 0x646f72616e646f6d;
        private ulong _v2 = key0 ^ 0x6c7967656e657261;
        private ulong _v3 = key1 ^ 0x7465646279746573;

        public void Add(ulong word)
        {
            _v3 ^= word;
            Mix();
            _v0 ^= word;
        }

        public ulong Finish()
        {
            _v2 ^= 0xff;
            Mix();
            Mix();
            Mix();
            return _v0 ^ _v1 ^ _v2 ^ _v3;
        }

        private void Mix()
        {
            _v0 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 13) ^ _v0;
            _v0 = BitOperations.RotateLeft(_v0, 32);
            _v2 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 16) ^ _v2;
            _v0 += _v3;
            _v3 = BitOperations.RotateLeft(_v3, 21) ^ _v0;
            _v2 += _v1;
            _v1 = BitOperations.RotateLeft(_v1, 17) ^ _v2;
            _v2 = BitOperations.RotateLeft(_v2, 32);
        }
    }
}
