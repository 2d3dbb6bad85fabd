using System.CommandLine;
using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Marks;

/// <summary>The command line of the benchmark of a great many marks.</summary>
internal static class MarksCommand
{
    public static Command Create() =>
        new KernelCacheCommand("marks", "A million files that the kernel passes unasked, and new signatures for them.")
        {
            Rounds = 1,
            Files = 1_000_000,
            QuickFiles = 10_000,
        }.Create(MarksBenchmark.RunAsync);
}
