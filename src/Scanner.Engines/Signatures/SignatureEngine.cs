using System.Buffers;
using System.Security.Cryptography;
using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Engines.Signatures;

/// <summary>The engine that is built in: the EICAR test file, and lists of content hashes in ClamAV's format.</summary>
/// <remarks>
/// A set of signatures is immutable, so any number of scans may run at once; new lists are a new set, exchanged as a
/// whole, with its epoch. Each scan takes the set once: where <see cref="Epoch"/> was the same object before and after
/// a scan, the verdict is of that epoch. Content is hashed only if a signature has its size or any size; the size is
/// that of the content read, whatever was announced.
/// </remarks>
public sealed class SignatureEngine : IScanEngine
{
    /// <summary>Shorter content is read and hashed at once, on the caller's thread and without allocating.</summary>
    private const int BlockLength = 64 * 1024;

    private volatile SignatureSet _signatures;

    private SignatureEngine(SignatureSet signatures) => _signatures = signatures;

    public string Name => "signatures";

    public EngineEpoch Epoch => _signatures.Epoch;

    public event Action? EpochChanged;

    /// <summary>More than processors: reading waits for disks, and no user gets all of it.</summary>
    public int Concurrency => Math.Max(4, 2 * Environment.ProcessorCount);

    public long MaxFileSize => long.MaxValue;

    public EngineProcess? Process => null;

    /// <summary>The number of different signatures loaded from lists; the EICAR test file is not counted.</summary>
    public long Count => _signatures.Count;

    /// <summary>Loads an engine.</summary>
    /// <param name="directory">
    /// Where the lists are, all regular files named <c>*.hdb</c> or <c>*.hsb</c> (symbolic links are followed,
    /// directories below are not entered); <c>null</c> for the EICAR test file alone.
    /// </param>
    /// <param name="report">
    /// Told, while loading, of every line and file that is skipped: for each list the first 20 lines, then how many
    /// more. Loading goes on.
    /// </param>
    /// <exception cref="SignatureListException">The directory or a list cannot be read.</exception>
    /// <exception cref="CryptographicException">
    /// The machine refuses an algorithm that the lists need, as MD5 in FIPS mode.
    /// </exception>
    public static SignatureEngine Load(string? directory, Action<SignatureProblem>? report = null) =>
        new(LoadSet(directory, report));

    /// <summary>Loads lists in place of those there are. If that fails, these stay.</summary>
    /// <inheritdoc cref="Load" path="/param|/exception"/>
    internal void LoadAgain(string directory, Action<SignatureProblem>? report)
    {
        _signatures = LoadSet(directory, report);
        EpochChanged?.Invoke();
    }

    private static SignatureSet LoadSet(string? directory, Action<SignatureProblem>? report)
    {
        SignatureLoader loader = new(report);
        if (directory is not null)
        {
            loader.AddDirectory(directory);
        }

        return loader.MoveToSet();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Hashing is all work and no waiting, so it is done on the caller's thread: how many files are scanned at once,
    /// and whose may hold up whose, is the caller's to say.
    /// </remarks>
    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Verdict>(cancellation);
        }

        SignatureSet signatures = _signatures;
        try
        {
            return ValueTask.FromResult(
                TryAnswerAtOnce(signatures, target) ?? new StreamedScan(signatures, target, cancellation).Run());
        }
        catch (OperationCanceledException)
        {
            return ValueTask.FromCanceled<Verdict>(cancellation);
        }
    }

    /// <returns>The verdict; <c>null</c> if the content is too long to be hashed at once.</returns>
    private static Verdict? TryAnswerAtOnce(SignatureSet signatures, ScanTarget target)
    {
        // One byte more than a test file can have tells whether the content ends before it.
        Span<byte> head = stackalloc byte[EicarTestFile.MaxLength + 1];
        if (!ContentReader.TryFill(target.Content, head, out int count))
        {
            return Verdict.NotScannable(FailureReason.NotReadable);
        }

        if (EicarTestFile.Matches(head[..count]))
        {
            return Verdict.Infected(EicarTestFile.SignatureName);
        }

        if (count < head.Length)
        {
            return signatures.Judge(head[..count]);
        }

        if (signatures.Count == 0
            || (!signatures.MayMatch(target.Size) && ContentReader.EndsAfter(target.Content, target.Size)))
        {
            return Verdict.Clean;
        }

        return target.Size < BlockLength ? TryAnswerBlock(signatures, target) : null;
    }

    private static Verdict? TryAnswerBlock(SignatureSet signatures, ScanTarget target)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockLength);
        try
        {
            if (!ContentReader.TryFill(target.Content, block, out int count))
            {
                return Verdict.NotScannable(FailureReason.NotReadable);
            }

            // A full block does not tell whether the content goes on.
            return count < block.Length ? signatures.Judge(block.AsSpan(0, count)) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
