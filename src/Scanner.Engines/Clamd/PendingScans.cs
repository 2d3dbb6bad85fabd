namespace Scanner.Engines.Clamd;

/// <summary>The requests of one session that have no reply yet, by their number.</summary>
internal sealed class PendingScans
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, PendingScan> _scans = [];
    private bool _isClosed;

    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <returns>Whether it was added; not after <see cref="Close"/>.</returns>
    public bool TryAdd(uint id, PendingScan scan)
    {
        lock (_lock)
        {
            return !_isClosed && _scans.TryAdd(id, scan);
        }
    }

    /// <returns><c>null</c> for a number that was never given or was answered before.</returns>
    public PendingScan? TryTake(uint id)
    {
        lock (_lock)
        {
            return _scans.Remove(id, out PendingScan? scan) ? scan : null;
        }
    }

    /// <summary>Takes no more; whoever calls first gets what is left.</summary>
    public IReadOnlyList<PendingScan> Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            PendingScan[] left = [.. _scans.Values];
            _scans.Clear();
            return left;
        }
    }

    /// <summary>Whether a request was sent at or before a time.</summary>
    public bool HasOlderThan(long time)
    {
        lock (_lock)
        {
            return _scans.Values.Any(scan => scan.SentAt <= time);
        }
    }
}
