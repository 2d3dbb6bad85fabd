using SQLitePCL;

namespace Scanner.Stores.Sqlite;

/// <summary>A prepared statement. Parameters count from 1, columns from 0.</summary>
internal sealed class Statement(Connection connection, sqlite3_stmt handle) : IDisposable
{
    public Statement Bind(int parameter, long value)
    {
        _ = raw.sqlite3_bind_int64(handle, parameter, value);
        return this;
    }

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        _ = raw.sqlite3_bind_blob(handle, parameter, value);
        return this;
    }

    public Statement Bind(int parameter, string? value)
    {
        _ = value is null
            ? raw.sqlite3_bind_null(handle, parameter)
            : raw.sqlite3_bind_text(handle, parameter, value);
        return this;
    }

    /// <summary>Goes to the next row, for those who must not meet an exception.</summary>
    /// <returns>SQLITE_ROW, SQLITE_DONE or an error.</returns>
    public int Step() => raw.sqlite3_step(handle);

    /// <summary>Goes to the next row.</summary>
    /// <returns><c>false</c> after the last.</returns>
    public bool Next()
    {
        int code = Step();
        connection.Check(code);
        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <returns>The rows it changed.</returns>
    public int Run()
    {
        try
        {
            Next();
            return connection.Changes;
        }
        finally
        {
            Reset();
        }
    }

    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    /// <summary><c>null</c> where there is none.</summary>
    public string? Text(int column) =>
        raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL
            ? null
            : raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>Ends the reading: until then an old state of the database is held.</summary>
    public void Reset() => _ = raw.sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();
}
