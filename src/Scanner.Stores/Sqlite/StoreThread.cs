using Microsoft.Extensions.Logging;

namespace Scanner.Stores.Sqlite;

/// <summary>The one thread that writes, and that sees to the database when something happens to it.</summary>
internal sealed partial class StoreThread
{
    /// <summary>Then something is wrong that a new database does not cure.</summary>
    private const int MaxRebuilt = 3;

    /// <summary>How long the end of the process waits for a disk.</summary>
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(5);

    private readonly DatabaseOpener _opener;
    private readonly WriteQueue _queue;
    private readonly ForgottenFiles _forgotten;
    private readonly StoreCounters _counters;
    private readonly ILogger _logger;
    private readonly WriteHealth _health;
    private readonly Thread _thread;
    private volatile Database? _database;
    private volatile Database? _damaged;
    private int _rebuilt;

    public StoreThread(
        DatabaseOpener opener,
        (WriteQueue Waiting, ForgottenFiles Forgotten) left,
        StoreCounters counters,
        (ILogger Logger, TimeProvider Time) environment)
    {
        _opener = opener;
        (_queue, _forgotten) = left;
        _counters = counters;
        (_logger, _health) = (environment.Logger, new WriteHealth(environment.Logger, environment.Time));
        _thread = new Thread(Run) { Name = "verdict store", IsBackground = true };
    }

    /// <summary><c>null</c> while it begins anew, and once the store was given up.</summary>
    public Database? Database => _database;

    /// <param name="database">Owned by the thread from now on.</param>
    public void Start(Database database)
    {
        _database = database;
        _thread.Start();
    }

    /// <summary>A look-up found what cannot be: the database is not to be believed.</summary>
    /// <param name="database">Where; it may have been given up already.</param>
    public void ReportDamage(Database database)
    {
        _damaged = database;
        _queue.Hurry();
    }

    /// <summary>Writes what waits, and ends.</summary>
    public void Stop()
    {
        _queue.Close();
        _thread.Join(s_endPatience);
    }

    private void Run()
    {
        bool isLast = false;
        while (!isLast)
        {
            WriteBatch batch = _queue.Take(_database?.Writer.NextChore ?? Timeout.InfiniteTimeSpan);
            isLast = batch.IsLast;
            TryProcess(batch.Entries);
            foreach (TaskCompletionSource flush in batch.Flushes)
            {
                flush.SetResult();
            }
        }

        Close();
    }

    /// <summary>A bug here must not end the process: without a store everything is only slower.</summary>
    private void TryProcess(List<Entry> entries)
    {
        try
        {
            Process(entries);
        }
        catch (Exception error)
        {
            Log.Failed(_logger, error);
            Close();
        }
    }

    private void Process(List<Entry> entries)
    {
        if (_database is { } current && _damaged == current)
        {
            Rebuild("it is damaged, a row is not what was written");
        }
        else if (_database is { IsMoved: true })
        {
            Rebuild("it was replaced or removed while it was in use");
        }

        if (_database is not { } database)
        {
            _counters.WriteErrors(entries.Count);
            return;
        }

        int written = 0;
        try
        {
            while (written < entries.Count)
            {
                int end = Math.Min(written + WriteQueue.BatchSize, entries.Count);
                database.Writer.Write(entries, written..end);
                Forget(entries, written..end);
                written = end;
                database.Writer.MakeRoom();
            }

            if (entries.Count == 0)
            {
                database.Writer.MakeRoom();
            }
            else
            {
                _health.Succeeded();
            }
        }
        catch (StoreException error)
        {
            _counters.WriteErrors(entries.Count - written);
            if (error.Fault == StoreFault.Damaged)
            {
                Rebuild($"it is damaged, {error.Message}");
            }
            else
            {
                _health.Failed(error.Message);
            }
        }
    }

    /// <summary>What is written need not be remembered as forgotten.</summary>
    private void Forget(List<Entry> entries, Range range)
    {
        (int start, int count) = range.GetOffsetAndLength(entries.Count);
        for (int i = start; i < start + count; i++)
        {
            if (entries[i].Kind != EntryKind.KeepContent)
            {
                _forgotten.Written(entries[i].Version.File, entries[i].Number);
            }
        }
    }

    /// <summary>Begins anew. What lies there is not believed: its log may be that of another database.</summary>
    private void Rebuild(string reason)
    {
        Close();
        _damaged = null;
        try
        {
            _database = ++_rebuilt <= MaxRebuilt
                ? _opener.Rebuild(reason)
                : throw new StoreException(StoreFault.Unusable, $"it began anew {MaxRebuilt} times already; {reason}");
        }
        catch (StoreException error)
        {
            Log.GivenUp(_logger, error.Message);
        }
    }

    private void Close()
    {
        Database? database = _database;
        _database = null;
        database?.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(
            StoreEventIds.StoreGivenUp,
            LogLevel.Error,
            "The verdict store is not used any more until the next start: {Reason}")]
        public static partial void GivenUp(ILogger logger, string reason);

        [LoggerMessage(
            StoreEventIds.StoreWriterFailed,
            LogLevel.Error,
            "Writing verdicts failed; none are kept until the next start")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
