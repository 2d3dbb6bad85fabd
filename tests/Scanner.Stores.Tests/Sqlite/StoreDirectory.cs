using Scanner.Core.Caching;
using Scanner.Stores.Sqlite;
using Scanner.Testing;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>A directory of the test's own for a store, and the stores opened in it.</summary>
internal sealed class StoreDirectory : IDisposable
{
    private readonly DirectoryInfo? _temporary;
    private readonly List<IVerdictStore> _opened = [];

    /// <param name="parent">Where the directory is to be; <c>null</c> for a temporary one.</param>
    public StoreDirectory(string? parent = null)
    {
        Requires.Root();
        _temporary = parent is null ? Directory.CreateTempSubdirectory("scanner-store-") : null;
        Root = Path.Combine(parent ?? _temporary!.FullName, "store");
    }

    /// <summary>The store's directory; the store makes it.</summary>
    public string Root { get; }

    public string Database => Path.Combine(Root, "verdicts.db");

    public CollectingLogger Logger { get; } = new();

    public SqliteStoreOptions Options => new() { Directory = Root };

    /// <summary>Opens a store that must work.</summary>
    public SqliteVerdictStore Open(SqliteStoreOptions? options = null) =>
        Assert.IsType<SqliteVerdictStore>(TryOpen(options));

    /// <summary>Opens a store that must not.</summary>
    /// <returns>Why not.</returns>
    public string OpenInVain()
    {
        string reason = Assert.IsType<NullVerdictStore>(TryOpen()).Reason;
        Assert.Contains(reason, Assert.Single(Logger.Warnings));
        return reason;
    }

    public IVerdictStore TryOpen(SqliteStoreOptions? options = null)
    {
        IVerdictStore store = SqliteVerdictStore.Open(options ?? Options, Logger, TimeProvider.System);
        _opened.Add(store);
        return store;
    }

    /// <summary>What SQLite says of the database.</summary>
    public string Query(string sql)
    {
        using Connection connection = Connect();
        return connection.QueryText(sql);
    }

    /// <summary>Changes the database behind the store's back.</summary>
    public void Execute(string sql)
    {
        using Connection connection = Connect();
        connection.Execute(sql);
    }

    public void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        _temporary?.Delete(recursive: true);
    }

    private Connection Connect() => new(Database, isReadOnly: false, TimeSpan.FromSeconds(1), cacheKib: 512);
}
