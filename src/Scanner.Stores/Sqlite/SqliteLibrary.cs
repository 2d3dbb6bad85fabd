using Scanner.Linux;
using SQLitePCL;

namespace Scanner.Stores.Sqlite;

/// <summary>The library itself: loaded once, and its result codes.</summary>
internal static class SqliteLibrary
{
    private static readonly Lazy<bool> s_loaded = new(Load);

    /// <summary>Loads the distribution's library.</summary>
    /// <exception cref="StoreException">There is none.</exception>
    public static void EnsureLoaded()
    {
        try
        {
            _ = s_loaded.Value;
        }
        catch (DllNotFoundException error)
        {
            throw new StoreException(StoreFault.Unusable, $"no SQLite (libsqlite3.so.0): {error.Message}");
        }
    }

    /// <summary>What a result code, extended or not, says about the store (sqlite.org/rescode.html).</summary>
    public static StoreFault FaultOf(int code) =>
        (code & 0xFF) is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB ? StoreFault.Damaged : StoreFault.Unusable;

    private static bool Load()
    {
        SQLite3Provider_e_sqlite3 provider = new();
        SystemLibrary.Redirect(provider.GetType().Assembly, "e_sqlite3", "libsqlite3.so.0");
        raw.SetProvider(provider);
        return true;
    }
}
