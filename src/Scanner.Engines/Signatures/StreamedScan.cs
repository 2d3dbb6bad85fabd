using System.Buffers;
using System.Security.Cryptography;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;

namespace Scanner.Engines.Signatures;

/// <summary>One scan of content that is hashed piece by piece, with every algorithm needed in one pass.</summary>
/// <remarks>
/// Content may grow or shrink while it is read, so the size that counts is the number of bytes read. Which algorithms
/// are needed is guessed from the announced size; if the size read would have needed another one, a second pass has
/// them all, and so has whatever its size turns out to need. Content that grows for ever ends with the cancellation.
/// </remarks>
internal sealed class StreamedScan(SignatureSet signatures, ScanTarget target, CancellationToken cancellation)
{
    private const int PieceLength = 128 * 1024;

    /// <exception cref="OperationCanceledException">The scan was cancelled, at the latest after a piece.</exception>
    public Verdict Run()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            // Nothing to expect means that the size announced is not the size any more.
            bool everything = !signatures.MayMatch(target.Size);
            return TryPass(buffer, everything) ?? TryPass(buffer, everything: true)!.Value;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <returns>The verdict; <c>null</c> if the content's size needs an algorithm that was not computed.</returns>
    private Verdict? TryPass(byte[] buffer, bool everything)
    {
        IncrementalHash?[] hashes = new IncrementalHash?[signatures.Tables.Length];
        try
        {
            for (int i = 0; i < hashes.Length; i++)
            {
                DigestTable table = signatures.Tables[i];
                hashes[i] = everything || table.MayMatch(target.Size)
                    ? IncrementalHash.CreateHash(table.Algorithm)
                    : null;
            }

            return TryRead(buffer, hashes, out long size)
                ? LookUp(hashes, size)
                : Verdict.NotScannable(FailureReason.NotReadable);
        }
        finally
        {
            foreach (IncrementalHash? hash in hashes)
            {
                hash?.Dispose();
            }
        }
    }

    private bool TryRead(byte[] buffer, ReadOnlySpan<IncrementalHash?> hashes, out long size)
    {
        size = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (target.Content.TryRead(buffer, size, out int count) != Errno.None)
            {
                return false;
            }

            if (count == 0)
            {
                return true;
            }

            size += count;
            foreach (IncrementalHash? hash in hashes)
            {
                hash?.AppendData(buffer, 0, count);
            }
        }
    }

    private Verdict? LookUp(ReadOnlySpan<IncrementalHash?> hashes, long size)
    {
        Span<byte> digest = stackalloc byte[HashLine.MaxDigestLength];
        for (int i = 0; i < hashes.Length; i++)
        {
            DigestTable table = signatures.Tables[i];
            if (!table.MayMatch(size))
            {
                continue;
            }

            if (hashes[i] is not { } hash)
            {
                return null;
            }

            int length = hash.GetHashAndReset(digest);
            if (table.TryFind(digest[..length], size, out int name))
            {
                return signatures.Infected(name);
            }
        }

        return Verdict.Clean;
    }
}
