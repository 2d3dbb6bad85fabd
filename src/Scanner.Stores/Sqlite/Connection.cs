using SQLitePCL;

namespace Scanner.Stores.Sqlite;

/// <summary>One connection to a database; used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    /// <summary>Refuse a path with a symbolic link (SQLite 3.31; anywhere in it from 3.39 on).</summary>
    private const int NoFollow = 0x0100_0000;

    private readonly sqlite3 _handle;

    /// <param name="path">An existing file: none is created, or it would get the process's umask.</param>
    /// <param name="isReadOnly">Whether it only reads; the write-ahead log must be open elsewhere then.</param>
    /// <param name="patience">How long it waits for somebody else's lock.</param>
    /// <param name="cacheKib">The size of its page cache, in KiB.</param>
    /// <exception cref="StoreException">The file cannot be opened.</exception>
    public Connection(string path, bool isReadOnly, TimeSpan patience, int cacheKib)
    {
        // Threads never share a connection, so SQLite need not lock it.
        int access = isReadOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE;
        int code = raw.sqlite3_open_v2(path, out _handle, access | raw.SQLITE_OPEN_NOMUTEX | NoFollow, null);
        try
        {
            Check(code);
            raw.sqlite3_extended_result_codes(_handle, 1);
            raw.sqlite3_busy_timeout(_handle, (int)patience.TotalMilliseconds);

            // A mapped file that somebody truncates would end the process. The other two find damage early.
            Execute($"""
                PRAGMA mmap_size = 0;
                PRAGMA cell_size_check = ON;
                PRAGMA trusted_schema = OFF;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -{cacheKib};
                """);
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>Rows that the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    public long LastRowId => raw.sqlite3_last_insert_rowid(_handle);

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public Statement Prepare(string sql)
    {
        int code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement);
        if (code == raw.SQLITE_ERROR)
        {
            // All statements are constants: where one is not understood, the tables are not what they were.
            throw new StoreException(StoreFault.Damaged, raw.sqlite3_errmsg(_handle).utf8_to_string());
        }

        Check(code);
        return new Statement(this, statement);
    }

    /// <summary>The first column of the first row; 0 if there is none.</summary>
    public long QueryNumber(string sql)
    {
        using Statement statement = Prepare(sql);
        return statement.Next() ? statement.Number(0) : 0;
    }

    /// <summary>The first column of the first row; empty if there is none.</summary>
    public string QueryText(string sql)
    {
        using Statement statement = Prepare(sql);
        return statement.Next() ? statement.Text(0) ?? "" : "";
    }

    /// <summary>Ends a transaction that failed, unless SQLite has ended it already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0)
        {
            _ = raw.sqlite3_exec(_handle, "ROLLBACK");
        }
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            string message = raw.sqlite3_errmsg(_handle).utf8_to_string();
            throw new StoreException(SqliteLibrary.FaultOf(code), $"{message} (SQLite code {code})");
        }
    }

    public void Dispose() => _handle.Dispose();
}
