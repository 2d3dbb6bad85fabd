using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Caching;
using Scanner.Stores;
using Scanner.Stores.Sqlite;
using SQLitePCL;

namespace Scanner.Benchmarks.Store;

/// <summary>Fills a store, looks up in it, and opens it again.</summary>
/// <remarks>
/// The files stay in the kernel's page cache, and the program is warm when the store is opened again: these are the
/// store's own times, not the disk's or the JIT's.
/// </remarks>
internal static class StoreBenchmark
{
    /// <summary>Verdicts kept before the writer is waited for: less than the queue takes.</summary>
    private const int Burst = 8_000;

    private static readonly int[] s_threads = [1, 4];

    public static async Task RunAsync(StoreBenchmarkOptions options)
    {
        DirectoryInfo directory = Directory.CreateDirectory(
            Path.Combine(options.Directory, $"scanner-store-benchmark-{Environment.ProcessId}"));
        try
        {
            await RunAsync(options, new SqliteStoreOptions { Directory = Path.Combine(directory.FullName, "store") });
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(StoreBenchmarkOptions options, SqliteStoreOptions place)
    {
        Warm(place);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long anonymous = AnonymousKib();
        using (IVerdictStore store = Open(place))
        {
            await FillAsync(store, options);
            Say($"log beside it      {Megabytes(place.Directory, "verdicts.db-wal"),8:0.0} MB");
            Say($"memory             {(AnonymousKib() - anonymous) / 1024.0,8:0.0} MB anonymous after filling, of it "
                + $"{raw.sqlite3_memory_used() / 1e6:0.0} MB SQLite's and "
                + $"{(GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6:0.0} MB objects in use");
            await LookUpAsync(store, options);
        }

        Say($"file               {Megabytes(place.Directory, "verdicts.db"),8:0.0} MB (goal: below 120)");
        ReOpen(place, options);
    }

    private static async Task FillAsync(IVerdictStore store, StoreBenchmarkOptions options)
    {
        double files = await KeepAsync(store, options.Files, static (store, index) =>
            store.Keep(SyntheticFiles.File(index), SyntheticFiles.Epoch, SyntheticFiles.VerdictOn(index)));
        double contents = await KeepAsync(store, options.Contents, static (store, index) =>
            store.Keep(SyntheticFiles.Content(index), SyntheticFiles.Epoch, SyntheticFiles.VerdictOn(index)));
        double again = await KeepAsync(store, options.Files / 10, (store, index) => store.Keep(
            SyntheticFiles.File((int)(index * 7_919L % options.Files)),
            SyntheticFiles.Epoch,
            SyntheticFiles.VerdictOn((int)(index * 7_919L % options.Files))));
        Say($"kept               {files,8:N0} files/s, {contents:N0} contents/s, "
            + $"{again:N0} files/s kept again at random");
        VerdictStoreCounters counters = store.Counters;
        if (counters.Dropped + counters.WriteErrors + counters.Evicted > 0)
        {
            throw new BenchmarkException($"Not everything was kept: {counters}");
        }
    }

    private static async Task<double> KeepAsync(IVerdictStore store, int count, Action<IVerdictStore, int> keep)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            keep(store, i);
            if (i % Burst == Burst - 1)
            {
                await store.FlushAsync();
            }
        }

        await store.FlushAsync();
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task LookUpAsync(IVerdictStore store, StoreBenchmarkOptions options)
    {
        (string Name, Func<Random, bool> LookUp)[] kinds =
        [
            ("hit", LookUpPass.Hits(store, options.Files)),
            ("miss", LookUpPass.Misses(store, options.Files)),
            ("content hit", LookUpPass.Contents(store, options.Contents)),
        ];
        foreach (int threads in s_threads)
        {
            foreach ((string name, Func<Random, bool> lookUp) in kinds)
            {
                // Once for the JIT and the caches.
                _ = await LookUpPass.RunAsync(threads, options.LookUps / 10, lookUp);
                (double[] times, double allocated) = await LookUpPass.RunAsync(threads, options.LookUps, lookUp);
                string what = threads == 1 ? name : $"{name}, {threads} threads";
                Say($"{what,-22} {times[times.Length / 2],5:0.0} µs p50 (goal: below 20), "
                    + $"{times[times.Length * 99 / 100]:0.0} µs p99, {times[times.Length * 999L / 1000]:0} µs p99.9, "
                    + $"{allocated:0.0} bytes allocated");
            }
        }
    }

    private static void ReOpen(SqliteStoreOptions place, StoreBenchmarkOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        using IVerdictStore store = Open(place);
        double opened = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        bool isFound = store.TryGet(SyntheticFiles.File(options.Files / 2), SyntheticFiles.Epoch, out _);
        double answered = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!isFound)
        {
            throw new BenchmarkException("What was kept is not found after the store was opened again");
        }

        Say($"opened again in    {opened,8:0.0} ms, first look-up after {answered:0.0} ms (goal: well below 1000)");
    }

    /// <summary>Has everything compiled on a store that is of no interest.</summary>
    private static void Warm(SqliteStoreOptions place)
    {
        using IVerdictStore store = Open(place with { Directory = place.Directory + "-warm" });
        store.Keep(SyntheticFiles.File(0), SyntheticFiles.Epoch, SyntheticFiles.VerdictOn(0));
        _ = store.TryGet(SyntheticFiles.File(0), SyntheticFiles.Epoch, out _);
    }

    private static IVerdictStore Open(SqliteStoreOptions place) =>
        SqliteVerdictStore.Open(place, NullLogger.Instance, TimeProvider.System) switch
        {
            NullVerdictStore none => throw new BenchmarkException($"No store: {none.Reason}"),
            IVerdictStore store => store,
        };

    private static double Megabytes(string directory, string file) =>
        new FileInfo(Path.Combine(directory, file)).Length / 1e6;

    private static long AnonymousKib()
    {
        const string label = "RssAnon:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(label));
        return long.Parse(line.AsSpan()[label.Length..^" kB".Length], CultureInfo.InvariantCulture);
    }

    private static void Say(string line) => Console.WriteLine(line);
}
