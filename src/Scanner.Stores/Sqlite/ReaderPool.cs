namespace Scanner.Stores.Sqlite;

/// <summary>A fixed number of readers, all opened at the start. Nothing is locked while one is in use.</summary>
internal sealed class ReaderPool
{
    /// <summary>A look-up takes microseconds; who finds no reader for that long is better served by a scan.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(1);

    private readonly Reader?[] _idle;
    private readonly TimeProvider _time;
    private volatile bool _isClosed;

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

    /// <summary>Takes a reader out; none if all are in use, or the pool is closed.</summary>
    public Rental Rent()
    {
        int place = Environment.CurrentManagedThreadId % _idle.Length;
        if (TryRent(ref place) is { } reader)
        {
            return new Rental(this, reader, place);
        }

        SpinWait spin = default;
        long start = _time.GetTimestamp();
        while (!_isClosed && _time.GetElapsedTime(start) < s_patience)
        {
            spin.SpinOnce(sleep1Threshold: -1);
            if (TryRent(ref place) is { } freed)
            {
                return new Rental(this, freed, place);
            }
        }

        return default;
    }

    public void Return(Reader reader, int place)
    {
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
