using System.Security.Cryptography;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Caching;

/// <summary>A sealed copy of a file's content, and the digest of just the bytes in it.</summary>
/// <remarks>
/// There is no digest without the copy, on purpose: a verdict may be kept for a content only if the engine was given
/// the bytes that were hashed, and a file that is read twice can be two contents.
/// </remarks>
internal sealed class HashedContent : IDisposable
{
    private HashedContent(SealedCopy copy, in ContentDigest digest)
    {
        Copy = copy;
        Digest = digest;
    }

    /// <summary>What the engine is to be given; belongs to this object.</summary>
    public SealedCopy Copy { get; }

    public ContentDigest Digest { get; }

    /// <summary>Bytes.</summary>
    public long Size => Copy.Size;

    /// <summary>
    /// Hashes nothing. The first hash of a process opens libssl and its configuration: a worker makes it before the
    /// first mark is set, or it would wait for its own answer.
    /// </summary>
    public static void WarmUp()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([]);
        _ = hash.GetHashAndReset(stackalloc byte[ContentDigest.Length]);
    }

    /// <summary>Copies a file and hashes the copy while it is made. Not for reader threads.</summary>
    /// <param name="source">The file.</param>
    /// <param name="limit">The most bytes that are copied.</param>
    /// <param name="content">Owned by the caller; <c>null</c> if it failed.</param>
    /// <returns><see cref="Errno.EFBIG"/> if the file is larger than the limit, else why there is no copy.</returns>
    public static Errno TryMake(ContentDescriptor source, long limit, out HashedContent? content)
    {
        content = null;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Errno error = SealedCopy.TryMake(source, limit, hash.AppendData, out SealedCopy? copy);
        if (copy is not null)
        {
            ContentDigest digest = default;
            _ = hash.GetHashAndReset(digest);
            content = new HashedContent(copy, digest);
        }

        return error;
    }

    public void Dispose() => Copy.Dispose();
}
