using System.CommandLine;
using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Work;

/// <summary>The command line of the benchmark of ordinary work.</summary>
internal static class WorkCommand
{
    public static Command Create() =>
        new KernelCacheCommand("work", "Ordinary work on a watched file system: unpacking, searching, compiling.")
        {
            Rounds = 3,
            Files = 5_000,
            QuickFiles = 300,
        }.Create(WorkBenchmark.RunAsync);
}
