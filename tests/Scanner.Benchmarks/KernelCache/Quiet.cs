using System.Diagnostics;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>Waits until processes have done what they had to do: scans of what was written, marks, leases.</summary>
internal static class Quiet
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>CPU time within an interval that a process needs for being there.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(3);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="BenchmarkException">They are still at work after a minute.</exception>
    public static async Task WaitAsync(IReadOnlyList<int> processes, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        CpuTime before = CpuTime.Of(processes);
        while (processes.Count > 0)
        {
            await Task.Delay(Interval, cancellation);
            CpuTime now = CpuTime.Of(processes);
            if (now.Since(before) < Idle)
            {
                return;
            }

            before = clock.Elapsed < Limit
                ? now
                : throw new BenchmarkException($"still at work after {Limit.TotalSeconds} s");
        }
    }
}
