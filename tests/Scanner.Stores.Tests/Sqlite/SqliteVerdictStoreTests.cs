using Scanner.Core.Caching;

namespace Scanner.Stores.Tests.Sqlite;

public sealed class SqliteVerdictStoreTests : VerdictStoreContract
{
    private readonly StoreDirectory _directory = new();

    protected override IVerdictStore Open() => _directory.Open();

    protected override void CleanUp()
    {
        Assert.Empty(_directory.Logger.Warnings);
        _directory.Dispose();
    }
}
