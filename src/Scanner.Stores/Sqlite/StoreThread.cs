using Microsoft.Extensions.Logging;

namespace Scanner.Stores.Sqlite;

/// <summary>The one thread that writes, and that sees to the database when something happens to it.</summary>
internal sealed partial class StoreThread
{
    /// <summary>Then something is wrong that a new database does not cure.</summary>
    private const int MaxReopenings = 3;

    /// <summary>How long the end of the process waits for a disk.</summary>
    private static readonly TimeSpan s_endPatience = TimeSpan.FromSeconds(5);

    private readonly DatabaseOpener _opener;
    private readonly WriteQueue _queue;
    private readonly ForgottenFiles _forgotten;
    private readonly StoreCounters _counters;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private volatile Database? _database;
    private volatile string? _damage;
    private int _reopenings;
    private bool _isFailing;

    public StoreThread(
        DatabaseOpener opener,
        (WriteQueue Waiting, ForgottenFiles Forgotten) left,
        StoreCounters counters,
        ILogger logger)
    {
        _opener = opener;
        (_queue, _forgotten) = left;
        _counters = counters;
        _logger = logger;
        _thread = new Thread(Run) { Name = "verdict store", IsBackground = true };
    }

    /// <summary><c>null</c> while it is opened again, and once the store was given up.</summary>
    public Database? Database => _database;

    /// <param name="database">Owned by the thread from now on.</param>
    public void Start(Database database)
    {
        _database = database;
        _thread.Start();
    }

    /// <summary>A look-up found what cannot be: the database is not to be believed.</summary>
    public void ReportDamage()
    {
        _damage = "a row is not what was written";
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
        if (_damage is not null || _database is { IsMoved: true })
        {
            Reopen();
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
            }

            database.Writer.MakeRoom();
            Follow(null);
        }
        catch (StoreException error)
        {
            _counters.WriteErrors(entries.Count - written);
            if (error.Fault == StoreFault.Damaged)
            {
                _damage = error.Message;
                Reopen();
            }
            else
            {
                Follow(error.Message);
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

    /// <summary>Says once that it cannot be written, and once that it can again.</summary>
    private void Follow(string? failure)
    {
        if (failure is not null && !_isFailing)
        {
            Log.NotWritten(_logger, failure);
        }
        else if (failure is null && _isFailing)
        {
            Log.WrittenAgain(_logger);
        }

        _isFailing = failure is not null;
    }

    private void Reopen()
    {
        Close();
        string? damage = _damage;
        _damage = null;
        try
        {
            if (++_reopenings > MaxReopenings)
            {
                throw new StoreException(StoreFault.Unusable, $"opened again {MaxReopenings} times already: {damage}");
            }

            if (damage is null)
            {
                Log.Replaced(_logger);
            }

            _database = damage is null ? _opener.Open() : _opener.Rebuild(damage);
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
            StoreEventIds.StoreNotWritten,
            LogLevel.Warning,
            "The verdict store cannot be written, and new verdicts are not kept until it can: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);

        [LoggerMessage(StoreEventIds.StoreWrittenAgain, LogLevel.Information, "The verdict store is written again")]
        public static partial void WrittenAgain(ILogger logger);

        [LoggerMessage(
            StoreEventIds.StoreReplaced,
            LogLevel.Warning,
            "The verdict store was replaced or removed while it was in use; it is opened again")]
        public static partial void Replaced(ILogger logger);

        [LoggerMessage(
            StoreEventIds.StoreGivenUp,
            LogLevel.Error,
            "The verdict store is not used any more until the next start: {Reason}")]
        public static partial void GivenUp(ILogger logger, string reason);

        [LoggerMessage(
            StoreEventIds.StoreWriterFailed, LogLevel.Error, "Writing verdicts failed; none are kept until the next start")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
