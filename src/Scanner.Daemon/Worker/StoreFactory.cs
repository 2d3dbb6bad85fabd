using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scanner.Core.Caching;
using Scanner.Core.Policy;
using Scanner.Stores;
using Scanner.Stores.Sqlite;

namespace Scanner.Daemon.Worker;

/// <summary>Opens the store that the options ask for.</summary>
internal static class StoreFactory
{
    public static IVerdictStore Open(IServiceProvider services)
    {
        WatchOptions options = services.GetRequiredService<WatchOptions>();
        return options.Cache == CacheKind.Disk
            ? SqliteVerdictStore.Open(
                new SqliteStoreOptions { Directory = options.StateDirectory },
                services.GetRequiredService<ILogger<SqliteVerdictStore>>(),
                services.GetRequiredService<TimeProvider>())
            : new NullVerdictStore("it was not asked for");
    }
}
