using System.CommandLine;
using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Warm;

/// <summary>The command line of the benchmark of files that were opened before.</summary>
internal static class WarmCommand
{
    public static Command Create() =>
        new KernelCacheCommand("warm", "Files that were opened before: opening them again, and writing to them.")
        {
            Rounds = 5,
            Files = 2_000,
            QuickFiles = 300,
        }.Create(WarmBenchmark.RunAsync);
}
