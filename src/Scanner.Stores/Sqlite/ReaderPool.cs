namespace Scanner.Stores.Sqlite;

/// <summary>A fixed number of readers, all opened at the start. Nothing is locked while one is in use.</summary>
/// <remarks>
/// A look-up can hang: a disk that died, or somebody who has all locks (SQLite then tries for 10 s). Its reader is out
/// as long; once it is back, none is given out for a while, as the next look-up would most likely hang too.
/// </remarks>
internal sealed class ReaderPool
{
    /// <summary>A look-up takes microseconds; who finds no reader for that long is better served by a scan.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(1);

    /// <summary>A look-up that took so long has hung.</summary>
    private static readonly TimeSpan s_hung = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(60);

    private readonly Reader?[] _idle;
    private readonly TimeProvider _time;
    private volatile bool _isClosed;

    /// <summary>When a look-up that had hung came back, by the clock; 0 if none ever did.</summary>
    private long _hungAt;

    /// <exception cref="StoreException">The database cannot be read.</exception>
    public ReaderPool(string path, int count, TimeProvider time)
    {
        _idle = new Reader?[count];
        _time = time;
        try
        {
            for (int i = 0; i < count; i++)
            {
                _idle[i] = new Reader(path);
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Takes a reader out; none if all are in use, one has hung a moment ago, or the pool is closed.</summary>
    public Rental Rent()
    {
        long start = _time.GetTimestamp();
        long hungAt = Volatile.Read(ref _hungAt);
        if (hungAt != 0 && _time.GetElapsedTime(hungAt, start) < s_rest)
        {
            return default;
        }

        int place = Environment.CurrentManagedThreadId % _idle.Length;
        if (TryRent(ref place) is { } reader)
        {
            return new Rental(this, reader, place, start);
        }

        SpinWait spin = default;
        while (!_isClosed && _time.GetElapsedTime(start) < s_patience)
        {
            spin.SpinOnce(sleep1Threshold: -1);
            if (TryRent(ref place) is { } freed)
            {
                return new Rental(this, freed, place, start);
            }
        }

        return default;
    }

    public void Return(Reader reader, int place, long since)
    {
        long now = _time.GetTimestamp();
        if (_time.GetElapsedTime(since, now) > s_hung)
        {
            Volatile.Write(ref _hungAt, now);
        }

        _ = Interlocked.Exchange(ref _idle[place], reader);

        // Either this thread sees that the pool is closed, or the closing one sees the reader.
        if (_isClosed)
        {
            Interlocked.Exchange(ref _idle[place], null)?.Dispose();
        }
    }

    /// <summary>Closes the idle readers now, and those in use when they come back.</summary>
    public void Close()
    {
        _isClosed = true;
        Interlocked.MemoryBarrier();
        for (int i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }

    private Reader? TryRent(ref int place)
    {
        int first = place;
        for (int i = 0; i < _idle.Length; i++)
        {
            place = (first + i) % _idle.Length;
            if (Volatile.Read(ref _idle[place]) is not null
                && Interlocked.Exchange(ref _idle[place], null) is { } reader)
            {
                return reader;
            }
        }

        return null;
    }
}
