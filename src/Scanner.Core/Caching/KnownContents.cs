using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>An engine behind what is known: asked for what neither the store nor the table of contents knows.</summary>
/// <remarks>
/// A file is copied into sealed memory while it is hashed, and the engine is given the copy: a verdict on a content is
/// kept only for exactly the bytes that were scanned. A file that is too large for that, or finds too much memory in
/// copies already, is scanned itself.
/// Looking and copying may wait for a disk, so they have threads of their own, as many as the engine took scans at
/// first.
/// </remarks>
internal sealed class KnownContents : IScanEngine, IDisposable
{
    /// <summary>Bytes of the largest file that is hashed.</summary>
    public const long LargestCopy = 16 << 20;

    /// <summary>Bytes in all copies at a time.</summary>
    public const long MostCopied = 64 << 20;

    private readonly IScanEngine _engine;
    private readonly KnownVerdicts _verdicts;
    private readonly IVerdictStore _store;
    private readonly ContentTable _contents = new();
    private readonly ScanThreads<ScanTarget, Finding> _threads;
    private long _copied;
    private long _hits;
    private long _misses;
    private long _uncopied;

    public KnownContents(IScanEngine engine, KnownVerdicts verdicts, IVerdictStore store)
    {
        _engine = engine;
        _verdicts = verdicts;
        _store = store;
        HashedContent.WarmUp();
        _threads = new ScanThreads<ScanTarget, Finding>("known contents", engine.Concurrency, Find);
    }

    public string Name => _engine.Name;

    public EngineEpoch Epoch => _engine.Epoch;

    public event Action? EpochChanged
    {
        add => _engine.EpochChanged += value;
        remove => _engine.EpochChanged -= value;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A copy that hangs keeps its place, but not the engine from its work. Never more than threads that copy: those
    /// that one user's files hang are then never all.
    /// </remarks>
    public int Concurrency => Math.Min(_engine.Concurrency + _threads.Hanging, _threads.Count);

    public long MaxFileSize => _engine.MaxFileSize;

    public EngineProcess? Process => _engine.Process;

    /// <summary>Contents that were known.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Contents that were not.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Files that were scanned without a copy.</summary>
    public long Uncopied => Interlocked.Read(ref _uncopied);

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation) =>
        target.Trust == VersionTrust.None || target.Size > MaxFileSize
            ? _engine.ScanAsync(target, cancellation)
            : FindOrScanAsync(target, cancellation);

    public void Dispose() => _threads.Dispose();

    private async ValueTask<Verdict> FindOrScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        Finding finding = await _threads.Run(target, cancellation);
        if (finding.Verdict is { } known)
        {
            return known;
        }

        if (finding.Content is not { } content)
        {
            Interlocked.Increment(ref _uncopied);
            return await _engine.ScanAsync(target, cancellation);
        }

        try
        {
            return await ScanAsync(content, target, cancellation);
        }
        finally
        {
            Drop(content);
        }
    }

    private async ValueTask<Verdict> ScanAsync(
        HashedContent content, ScanTarget target, CancellationToken cancellation)
    {
        EngineEpoch epoch = _engine.Epoch;
        ScanTarget copy = new(content.Copy.Content, content.Size) { Place = target.Place };
        Verdict verdict = await _engine.ScanAsync(copy, cancellation);
        if (epoch.IsSettled && ReferenceEquals(_engine.Epoch, epoch)
            && verdict is { Kind: not VerdictKind.NotScannable, StandIn: null })
        {
            _contents.Keep(content.Digest, epoch, verdict);
            _store.Keep(content.Digest, epoch.Name, verdict);
        }

        return verdict;
    }

    /// <summary>What is known of a file; else its copy, or nothing if it has none.</summary>
    private Finding Find(ScanTarget target, CancellationToken cancellation)
    {
        if (target.StoredVersion is { } version && _verdicts.TryGetStored(version, out Verdict stored))
        {
            return new Finding(stored, null);
        }

        if (TryCopy(target) is not { } content)
        {
            cancellation.ThrowIfCancellationRequested();
            return default;
        }

        if (cancellation.IsCancellationRequested)
        {
            Drop(content);
            cancellation.ThrowIfCancellationRequested();
        }

        if (!TryGetKnown(content.Digest, out Verdict verdict))
        {
            Interlocked.Increment(ref _misses);
            return new Finding(null, content);
        }

        Interlocked.Increment(ref _hits);
        Drop(content);
        return new Finding(verdict, null);
    }

    /// <summary>
    /// Copies a file, if it is not too large and memory is left; what it has is counted from then on.
    /// </summary>
    private HashedContent? TryCopy(ScanTarget target)
    {
        if (target.Size > LargestCopy)
        {
            return null;
        }

        // What grows meanwhile beyond what is reserved is scanned itself.
        long reserved = InPages(target.Size);
        HashedContent? content = null;
        try
        {
            if (Interlocked.Add(ref _copied, reserved) <= MostCopied)
            {
                _ = HashedContent.TryMake(target.Content, reserved, out content);
            }

            return content;
        }
        finally
        {
            Release(reserved - (content is null ? 0 : InPages(content.Size)));
        }
    }

    private bool TryGetKnown(in ContentDigest digest, out Verdict verdict)
    {
        EngineEpoch epoch = _engine.Epoch;
        if (_contents.TryGet(digest, epoch.Name, out verdict))
        {
            return true;
        }

        if (!_store.TryGet(digest, epoch.Name, out verdict))
        {
            return false;
        }

        _contents.Keep(digest, epoch, verdict);
        return true;
    }

    private void Drop(HashedContent content)
    {
        Release(InPages(content.Size));
        content.Dispose();
    }

    /// <summary>Memory comes in pages.</summary>
    private static long InPages(long size) => (Math.Max(size, 1) + 4095) & ~4095L;

    private void Release(long bytes) => Interlocked.Add(ref _copied, -bytes);

    /// <param name="Verdict">What is known.</param>
    /// <param name="Content">The copy; owned by whoever gets it.</param>
    private readonly record struct Finding(Verdict? Verdict, HashedContent? Content);
}
