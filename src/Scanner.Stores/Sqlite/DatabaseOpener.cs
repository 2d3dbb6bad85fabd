using Microsoft.Extensions.Logging;

namespace Scanner.Stores.Sqlite;

/// <summary>Opens the database, at the start and whenever it has to be opened again.</summary>
internal sealed partial class DatabaseOpener(
    SqliteStoreOptions options, StoreCounters counters, ILogger logger, TimeProvider time)
{
    /// <summary>Opens the database; removes it first if that shows it to be damaged.</summary>
    /// <exception cref="StoreException">Why there can be none.</exception>
    public Database Open()
    {
        try
        {
            return Database.Open(options, counters, time);
        }
        catch (StoreException error) when (error.Fault == StoreFault.Damaged)
        {
            return Rebuild($"it is damaged, {error.Message}");
        }
    }

    /// <summary>Begins anew with an empty database.</summary>
    /// <param name="reason">Why; in the message.</param>
    /// <exception cref="StoreException">Why there can be none.</exception>
    public Database Rebuild(string reason)
    {
        Database.Delete(options);
        Database database = Database.Open(options, counters, time);
        Log.Rebuilt(logger, options.Directory, reason);
        return database;
    }

    private static partial class Log
    {
        [LoggerMessage(
            StoreEventIds.StoreRebuilt,
            LogLevel.Warning,
            "The verdict store in {Directory} begins anew, so files are scanned again: {Reason}")]
        public static partial void Rebuilt(ILogger logger, string directory, string reason);
    }
}
