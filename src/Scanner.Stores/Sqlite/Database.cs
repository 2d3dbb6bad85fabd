using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Linux.Files;

namespace Scanner.Stores.Sqlite;

/// <summary>An open database: the lock that keeps others out, one writer, several readers.</summary>
/// <remarks>
/// All its files are opened here, once. A connection that opened them later, by their names, could get another file for
/// the database than for its log.
/// </remarks>
internal sealed class Database : IDisposable
{
    private readonly IDisposable _lock;
    private readonly ReaderPool _readers;
    private readonly StoreFiles _files;
    private readonly (PathStatus Database, PathStatus Log) _identity;

    private Database(IDisposable held, Writer writer, ReaderPool readers, StoreFiles files)
    {
        _lock = held;
        Writer = writer;
        _readers = readers;
        _files = files;
        _identity = files.Identify();
    }

    /// <summary>For the writing thread only.</summary>
    public Writer Writer { get; }

    /// <summary>Whether the files' names lead to others by now, or to nothing.</summary>
    public bool IsMoved => _files.Identify() != _identity;

    /// <summary>Opens the database, and makes it if it is missing.</summary>
    /// <exception cref="StoreException">Why it cannot be used.</exception>
    public static Database Open(SqliteStoreOptions options, StoreCounters counters, TimeProvider time)
    {
        SqliteLibrary.EnsureLoaded();
        StoreFiles files = new(options.Directory);
        files.Prepare();
        IDisposable held = files.TakeLock();
        Writer? writer = null;
        try
        {
            writer = new Writer(files.Database, options, counters, time);
            return new Database(held, writer, new ReaderPool(files.Database, options.Readers, time), files);
        }
        catch
        {
            writer?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Removes a damaged database, if nobody else uses it.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public static void Delete(SqliteStoreOptions options)
    {
        StoreFiles files = new(options.Directory);
        files.Prepare();
        using IDisposable held = files.TakeLock();
        files.Delete();
    }

    public LookUp Find(in FileVersion version, string epoch, out Verdict verdict)
    {
        using Rental rental = _readers.Rent();
        verdict = default;
        return rental.Reader?.Find(version, Writer.Epochs.Find(epoch), out verdict) ?? LookUp.Failed;
    }

    public LookUp Find(in ContentDigest content, string epoch, out Verdict verdict)
    {
        using Rental rental = _readers.Rent();
        verdict = default;
        return rental.Reader?.Find(content, Writer.Epochs.Find(epoch), out verdict) ?? LookUp.Failed;
    }

    /// <summary>Closes everything; a reader in use follows when it comes back.</summary>
    public void Dispose()
    {
        _readers.Close();
        Writer.Dispose();
        _lock.Dispose();
    }
}
