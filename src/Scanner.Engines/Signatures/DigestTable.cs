using System.Security.Cryptography;

namespace Scanner.Engines.Signatures;

/// <summary>All signatures of one hash algorithm. Immutable.</summary>
internal abstract class DigestTable(HashAlgorithmName algorithm, int digestLength)
{
    public HashAlgorithmName Algorithm { get; } = algorithm;

    /// <summary>The hash's length in bytes.</summary>
    public int DigestLength { get; } = digestLength;

    /// <summary>The number of signatures.</summary>
    public abstract int Count { get; }

    /// <summary>Whether content of this many bytes can match at all. If not, it need not be hashed.</summary>
    public abstract bool MayMatch(long size);

    /// <summary>Looks content up.</summary>
    /// <param name="digest">The content's hash.</param>
    /// <param name="size">The content's size in bytes.</param>
    /// <param name="name">The place of the signature's name; of the first one loaded, if several match.</param>
    public abstract bool TryFind(ReadOnlySpan<byte> digest, long size, out int name);

    /// <summary>Feeds every signature, sorted, to an epoch.</summary>
    public abstract void AddTo(EpochHash epoch, NameStore names);
}
