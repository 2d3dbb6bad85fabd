using System.Diagnostics;
using System.Globalization;
using Scanner.Benchmarks.Reporting;
using Scanner.Core.Caching;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Benchmarks.Caching;

/// <summary>Reading a file that is in the page cache, copying it, and copying and hashing it.</summary>
internal static class CopyBenchmark
{
    private const int KiB = 1024;
    private const int Rounds = 2_000;
    private const int WarmUpRounds = 200;

    private static readonly int[] s_sizes = [4 * KiB, 64 * KiB, KiB * KiB];
    private static readonly byte[] s_buffer = new byte[128 * KiB];

    public static void Run(TextWriter output, CancellationToken cancellation)
    {
        HashedContent.WarmUp();
        output.WriteLine($"us per file, p50 of {Rounds}");
        output.WriteLine($"{"bytes",9} {"read",8} {"copy",8} {"copy+hash",9}");
        string path = Path.GetTempFileName();
        try
        {
            foreach (int size in s_sizes)
            {
                File.WriteAllBytes(path, new byte[size]);
                using Descriptor file = Descriptor.OpenRead(path);
                double[] us = Measure(file.Content, [Read, Copy, CopyAndHash], cancellation);
                output.WriteLine($"{size,9} {Number(us[0]),8} {Number(us[1]),8} {Number(us[2]),9}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double[] Measure(
        ContentDescriptor file, Func<ContentDescriptor, Errno>[] ways, CancellationToken cancellation)
    {
        double[][] us = [.. ways.Select(_ => new double[Rounds])];
        for (int round = -WarmUpRounds; round < Rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int way = 0; way < ways.Length; way++)
            {
                long before = Stopwatch.GetTimestamp();
                Errno error = ways[way](file);
                double elapsed = Stopwatch.GetElapsedTime(before).TotalMicroseconds;
                if (error != Errno.None)
                {
                    throw new BenchmarkException($"a copy failed: {error}");
                }

                if (round >= 0)
                {
                    us[way][round] = elapsed;
                }
            }
        }

        return [.. us.Select(samples => samples.Median())];
    }

    private static Errno Read(ContentDescriptor file)
    {
        long offset = 0;
        while (true)
        {
            Errno error = file.TryRead(s_buffer, offset, out int count);
            if (count == 0)
            {
                return error;
            }

            offset += count;
        }
    }

    private static Errno Copy(ContentDescriptor file)
    {
        Errno error = SealedCopy.TryMake(file, long.MaxValue, static _ => { }, out SealedCopy? copy);
        copy?.Dispose();
        return error;
    }

    private static Errno CopyAndHash(ContentDescriptor file)
    {
        Errno error = HashedContent.TryMake(file, long.MaxValue, out HashedContent? content);
        content?.Dispose();
        return error;
    }

    private static string Number(double value) => value.ToString("F1", CultureInfo.InvariantCulture);
}
