using System.CommandLine;
using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Known;

/// <summary>The command line of the benchmark of a daemon that knows a great many files.</summary>
internal static class KnownCommand
{
    public static Command Create() =>
        new KernelCacheCommand("known", "A daemon that knows a million files: opens, memory, store, restart.")
        {
            Rounds = 1,
            Files = 1_000_000,
            QuickFiles = 10_000,
        }.Create(KnownBenchmark.RunAsync);
}
