using System.Diagnostics;
using Scanner.Core.Caching;

namespace Scanner.Benchmarks.Store;

/// <summary>Times look-ups one by one, by several threads at once.</summary>
internal static class LookUpPass
{
    /// <param name="threads">How many look up at once.</param>
    /// <param name="lookUps">By each thread.</param>
    /// <param name="lookUp">One look-up, of what the number says; returns whether it answered as it must.</param>
    /// <returns>Microseconds, sorted, and bytes allocated for each look-up.</returns>
    /// <exception cref="BenchmarkException">An answer was wrong.</exception>
    public static async Task<(double[] Times, double Allocated)> RunAsync(
        int threads, int lookUps, Func<Random, bool> lookUp)
    {
        double[] times = new double[threads * lookUps];
        long allocated = 0;
        int wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                Random random = new(thread);
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < lookUps; i++)
                {
                    long start = Stopwatch.GetTimestamp();
                    bool isRight = lookUp(random);
                    times[(thread * lookUps) + i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                    if (!isRight)
                    {
                        Interlocked.Increment(ref wrong);
                    }
                }

                Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            },
            TaskCreationOptions.LongRunning)));

        // With more threads than readers one may find none free in time.
        if (wrong > times.Length / 1_000)
        {
            throw new BenchmarkException($"{wrong} of {times.Length} look-ups were answered wrongly");
        }

        Array.Sort(times);
        return (times, (double)allocated / times.Length);
    }

    public static Func<Random, bool> Hits(IVerdictStore store, int files) => random =>
        store.TryGet(SyntheticFiles.File(random.Next(files)), SyntheticFiles.Epoch, out _);

    public static Func<Random, bool> Misses(IVerdictStore store, int files) => random =>
        !store.TryGet(SyntheticFiles.File(files + random.Next(files)), SyntheticFiles.Epoch, out _);

    public static Func<Random, bool> Contents(IVerdictStore store, int contents) => random =>
        store.TryGet(SyntheticFiles.Content(random.Next(contents)), SyntheticFiles.Epoch, out _);
}
