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
    private const int MostReaders = 8;

    /// <param name="services">What is needed.</param>
    /// <param name="scans">
    /// How many scans there are at a time. A disk that died, or a lock, holds whoever looks the store up: never more
    /// than half of them, so that the others go on without it.
    /// </param>
    public static IVerdictStore Open(IServiceProvider services, int scans)
    {
        WatchOptions options = services.GetRequiredService<WatchOptions>();
        return options.Cache == CacheKind.Disk
            ? SqliteVerdictStore.Open(
                new SqliteStoreOptions
                {
                    Directory = options.StateDirectory,
                    Readers = Math.Clamp(scans / 2, 1, MostReaders),
                },
                services.GetRequiredService<ILogger<SqliteVerdictStore>>(),
                services.GetRequiredService<TimeProvider>())
            : new NullVerdictStore("it was not asked for");
    }
}
