using System.CommandLine;
using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Keeping;

/// <summary>The command line of the benchmark of supervisor and journal.</summary>
internal static class KeepingCommand
{
    public static Command Create() =>
        new KernelCacheCommand("keeping", "What it costs to outlive a worker: journal, memory, CPU, a crash.")
        {
            Rounds = 5,
            Files = 1_000,
            QuickFiles = 1_000,
        }.Create(KeepingBenchmark.RunAsync);
}
