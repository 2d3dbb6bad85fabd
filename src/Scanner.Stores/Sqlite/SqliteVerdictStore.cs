using Microsoft.Extensions.Logging;
using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Stores.Sqlite;

/// <summary>Keeps verdicts in a SQLite database of its own.</summary>
/// <remarks>
/// A verdict is found from the moment it is written, half a second after it was kept at the latest; a file is forgotten
/// at once. What a killed process had not written is lost, a forgetting as well: that a row is about this version of
/// the file is the caller's to prove, with a lease.
/// <para>
/// A database that turns out to be damaged, or was replaced or removed while in use, is begun anew; after a few times
/// of that the store is given up until the next start.
/// </para>
/// </remarks>
public sealed partial class SqliteVerdictStore : IVerdictStore
{
    private readonly StoreCounters _counters;
    private readonly WriteQueue _queue;
    private readonly ForgottenFiles _forgotten;
    private readonly StoreThread _thread;
    private long _lastNumber;

    private SqliteVerdictStore(
        SqliteStoreOptions options,
        StoreCounters counters,
        DatabaseOpener opener,
        (ILogger Logger, TimeProvider Time) environment)
    {
        _counters = counters;
        _queue = new WriteQueue(options.QueueCapacity, options.WriteDelay);
        _forgotten = new ForgottenFiles(options.QueueCapacity);
        _thread = new StoreThread(opener, (_queue, _forgotten), counters, environment);
    }

    public VerdictStoreCounters Counters => _counters.Snapshot();

    /// <summary>Opens the store, and makes or rebuilds it where that helps.</summary>
    /// <returns>
    /// The store, or a <see cref="NullVerdictStore"/> that says why there is none; that is also logged.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static IVerdictStore Open(SqliteStoreOptions options, ILogger logger, TimeProvider time)
    {
        options.Validate();
        StoreCounters counters = new();
        DatabaseOpener opener = new(options, counters, logger, time);
        try
        {
            SqliteVerdictStore store = new(options, counters, opener, (logger, time));
            store._thread.Start(opener.Open());
            Log.Opened(logger, options.Directory);
            return store;
        }
        catch (StoreException error)
        {
            Log.Unavailable(logger, options.Directory, error.Message);
            return new NullVerdictStore(error.Message);
        }
    }

    public bool TryGet(in FileVersion version, string epoch, out Verdict verdict)
    {
        verdict = default;
        Database? database = _thread.Database;
        LookUp result = database is null || _forgotten.Contains(version.File)
            ? LookUp.Miss
            : database.Find(version, epoch, out verdict);
        return Count(result, database);
    }

    public bool TryGet(in ContentDigest content, string epoch, out Verdict verdict)
    {
        verdict = default;
        Database? database = _thread.Database;
        return Count(database?.Find(content, epoch, out verdict) ?? LookUp.Miss, database);
    }

    public void Keep(in FileVersion version, string epoch, Verdict verdict)
    {
        if (IsKept(verdict))
        {
            Leave(new Entry(EntryKind.KeepFile, Interlocked.Increment(ref _lastNumber))
            {
                Version = version,
                Epoch = epoch,
                Signature = verdict.Signature,
            });
        }
    }

    public void Keep(in ContentDigest content, string epoch, Verdict verdict)
    {
        if (IsKept(verdict))
        {
            Leave(new Entry(EntryKind.KeepContent, Interlocked.Increment(ref _lastNumber))
            {
                Content = content,
                Epoch = epoch,
                Signature = verdict.Signature,
            });
        }
    }

    public void Forget(FileIdentity file)
    {
        long number = Interlocked.Increment(ref _lastNumber);

        // First this: from here on no look-up finds the row that is still there.
        bool isHidden = _forgotten.TryAdd(file, number);
        Entry entry = new(EntryKind.ForgetFile, number) { Version = new FileVersion(file, 0, 0, 0, 0) };
        if (!_queue.TryAdd(entry) || !isHidden)
        {
            _counters.Dropped();
        }
    }

    public Task FlushAsync() => _queue.FlushAsync();

    /// <summary>Writes what waits, for at most some seconds, and closes the database.</summary>
    public void Dispose() => _thread.Stop();

    /// <summary>What is not so would be answered for every later open of the file.</summary>
    private static bool IsKept(Verdict verdict) =>
        verdict is { Kind: VerdictKind.Clean or VerdictKind.Infected, StandIn: null };

    private void Leave(in Entry entry)
    {
        if (!_queue.TryAdd(entry))
        {
            _counters.Dropped();
        }
    }

    private bool Count(LookUp result, Database? database)
    {
        _counters.LookedUp(result);
        if (result == LookUp.Damaged && database is not null)
        {
            _thread.ReportDamage(database);
        }

        return result == LookUp.Hit;
    }

    private static partial class Log
    {
        [LoggerMessage(StoreEventIds.StoreOpened, LogLevel.Information, "Verdicts are kept in {Directory}")]
        public static partial void Opened(ILogger logger, string directory);

        [LoggerMessage(
            StoreEventIds.StoreUnavailable,
            LogLevel.Warning,
            "Verdicts are not kept beyond a restart; {Directory} cannot be used: {Reason}")]
        public static partial void Unavailable(ILogger logger, string directory, string reason);
    }
}
