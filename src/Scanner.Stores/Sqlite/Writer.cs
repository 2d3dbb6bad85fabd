namespace Scanner.Stores.Sqlite;

/// <summary>Writes batches, and makes room; used by one thread.</summary>
internal sealed class Writer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Between two steps of a long removal: it need not be fast, and others want the disk.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private const long NoEpoch = 0;

    private const int CacheKib = 8 * 1024;

    /// <summary>Steps at once: more than one batch can bring, so that what is too much gets less.</summary>
    private const int MaxSteps = 4;

    private readonly Connection _connection;
    private readonly SqliteStoreOptions _options;
    private readonly StoreCounters _counters;
    private readonly TimeProvider _time;
    private readonly BoundedTable _files;
    private readonly BoundedTable _contents;
    private readonly RowStatements _rows;
    private long _epoch = NoEpoch;
    private long _epochSince;
    private bool _isSwept;
    private int _kept;
    private int _evicted;
    private int _outdated;

    /// <summary>Opens a database, and makes the tables in an empty one.</summary>
    /// <exception cref="StoreException">It cannot be written, is damaged or is not of this version.</exception>
    public Writer(string path, SqliteStoreOptions options, StoreCounters counters, TimeProvider time)
    {
        _options = options;
        _counters = counters;
        _time = time;
        _connection = new Connection(path, isReadOnly: false, s_patience, CacheKib);
        try
        {
            Schema.Ensure(_connection, path);
            Epochs = new EpochTable(_connection);
            _files = new BoundedTable(_connection, "files", options.MaxFiles);
            _contents = new BoundedTable(_connection, "contents", options.MaxContents);
            _rows = new RowStatements(_connection);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public EpochTable Epochs { get; }

    /// <summary>How long until <see cref="MakeRoom"/> has more to do; infinite if it has not.</summary>
    public TimeSpan NextChore
    {
        get
        {
            if (_files.IsOverfull || _contents.IsOverfull)
            {
                return s_pause;
            }

            if (_epoch == NoEpoch || _isSwept)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan left = _options.SweepDelay - _time.GetElapsedTime(_epochSince);
            return left > s_pause ? left : s_pause;
        }
    }

    /// <summary>Writes some of the entries as one transaction: all of these or, with an exception, none.</summary>
    /// <exception cref="StoreException">It failed.</exception>
    public void Write(List<Entry> entries, Range range) => InTransaction(() =>
    {
        (int start, int count) = range.GetOffsetAndLength(entries.Count);
        for (int i = start; i < start + count; i++)
        {
            Write(entries[i]);
        }
    });

    /// <summary>Removes rows that are too many, and a few that belong to epochs that are over.</summary>
    /// <exception cref="StoreException">It failed.</exception>
    public void MakeRoom()
    {
        for (int i = 0; i < MaxSteps && (_files.IsOverfull || _contents.IsOverfull); i++)
        {
            InTransaction(() => _evicted += _files.RemoveOldest() + _contents.RemoveOldest());
        }

        if (!_isSwept && _epoch != NoEpoch && _time.GetElapsedTime(_epochSince) >= _options.SweepDelay)
        {
            InTransaction(Sweep);
        }
    }

    public void Dispose()
    {
        Epochs.Dispose();
        _files.Dispose();
        _contents.Dispose();
        _rows.Dispose();
        _connection.Dispose();
    }

    private void Write(in Entry entry)
    {
        if (entry.Kind == EntryKind.ForgetFile)
        {
            _files.Changed(-_rows.Remove(entry.Version.File));
            return;
        }

        EpochKey epoch = Epochs.FindOrAdd(entry.Epoch, _connection);
        Follow(epoch.Id);
        if (entry.Kind == EntryKind.KeepFile)
        {
            _files.Changed(1 - _rows.Replace(entry.Version, epoch, entry.Signature));
        }
        else
        {
            _contents.Changed(1 - _rows.Replace(entry.Content, epoch, entry.Signature));
        }

        _kept++;
    }

    /// <summary>The epoch of the latest verdict is the one that counts; the others go once it has lasted.</summary>
    private void Follow(long epoch)
    {
        if (epoch == _epoch)
        {
            return;
        }

        _epoch = epoch;
        _epochSince = _time.GetTimestamp();
        _isSwept = false;
        _files.StartSweep();
        _contents.StartSweep();
    }

    private void Sweep()
    {
        // With one epoch there is nothing to find, and with a million rows it takes a while to see that.
        int? removed = Epochs.Count == 1 ? null : _files.RemoveOutdated(_epoch) ?? _contents.RemoveOutdated(_epoch);
        if (removed is { } count)
        {
            _outdated += count;
            return;
        }

        Epochs.RemoveOthers(_epoch);
        _isSwept = true;
    }

    private void InTransaction(Action work)
    {
        bool isCommitted = false;
        _connection.Execute("BEGIN IMMEDIATE");
        try
        {
            _files.EnsureCounted();
            _contents.EnsureCounted();
            work();
            _connection.Execute("COMMIT");
            isCommitted = true;
        }
        finally
        {
            End(isCommitted);
        }
    }

    private void End(bool isCommitted)
    {
        Epochs.End(isCommitted);
        if (isCommitted)
        {
            _counters.Written(_kept, _evicted, _outdated);
        }
        else
        {
            _connection.Rollback();
            _files.ForgetCount();
            _contents.ForgetCount();

            // The epoch's number may be gone with the transaction, and the sweep not be where it seems.
            _epoch = NoEpoch;
        }

        _kept = _evicted = _outdated = 0;
    }
}
