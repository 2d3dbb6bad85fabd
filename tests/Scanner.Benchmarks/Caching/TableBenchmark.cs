using System.Diagnostics;
using System.Globalization;
using Scanner.Benchmarks.Reporting;
using Scanner.Core.Caching;

namespace Scanner.Benchmarks.Caching;

/// <summary>Look-ups in random order, beside a dictionary's, and how long keeping one verdict takes.</summary>
internal static class TableBenchmark
{
    private const int LookUps = 1_000_000;
    private const int Epoch = 1;

    /// <summary>As many parts of the table grow, each once, while its entries double.</summary>
    private const int Shards = 64;

    private static readonly int[] s_sizes = [1_000, 10_000, 100_000, 1_000_000];

    public static void Run(int rounds, TextWriter output, CancellationToken cancellation)
    {
        Growth(output);
        LookUpBed[] beds = [.. s_sizes.Select(size => new LookUpBed(size))];
        Measure(beds, cancellation); // What the runtime compiles anew while it runs is done before anything counts.
        Measure(beds, cancellation);
        double[][][] samples = [.. Enumerable.Range(0, rounds).Select(_ => Measure(beds, cancellation))];
        output.WriteLine();
        output.WriteLine(
            $"ns per hit, random order, medians of {rounds} rounds; ratio: to {s_sizes[0]} entries, within a round");
        output.WriteLine(
            $"{"entries",9} {"kept",9} {"bytes/entry",11} {"table",8} {"ratio",6} {"2 threads",9} {"dictionary",10}");
        for (int i = 0; i < beds.Length; i++)
        {
            double Median(int what) => samples.Select(round => round[i][what]).Median();
            double ratio = samples.Select(round => round[i][0] / round[0][0]).Median();
            output.WriteLine(
                $"{beds[i].Size,9} {beds[i].Kept,9} {Number(beds[i].BytesPerEntry),11} {Number(Median(0)),8} "
                + $"{Number(ratio, 2),6} {Number(Median(1)),9} {Number(Median(2)),10}");
        }
    }

    /// <summary>For each size: one thread, two threads (per look-up of a thread), a dictionary.</summary>
    private static double[][] Measure(LookUpBed[] beds, CancellationToken cancellation) =>
    [
        .. beds.Select(bed =>
        {
            cancellation.ThrowIfCancellationRequested();
            double alone = bed.TableNs(LookUps, start: 0);
            double[] together = new double[2];
            Parallel.For(
                0,
                together.Length,
                new ParallelOptions { MaxDegreeOfParallelism = together.Length },
                i => together[i] = bed.TableNs(LookUps, start: i * (bed.Size / 2)));
            return (double[])[alone, together.Average(), bed.DictionaryNs(LookUps)];
        }),
    ];

    private static void Growth(TextWriter output)
    {
        // Once to have everything compiled.
        _ = Fill(100_000);
        long[] ticks = Fill(VerdictTable.DefaultCapacity);
        output.WriteLine($"Keeping one verdict in a table that grows; growing: the median of the {Shards} longest");
        output.WriteLine($"{"entries",21} {"mean ns",8} {"growing us",10} {"max us",8}");
        foreach ((int from, int to) in ((int, int)[])[(0, 131_072), (131_072, 524_288), (524_288, 1_000_000)])
        {
            double[] us = [.. ticks[from..to].Select(tick => tick * 1e6 / Stopwatch.Frequency).Order()];
            output.WriteLine(
                $"{from,10}-{to,10} {Number(us.Average() * 1e3),8} {Number(us.TakeLast(Shards).Median()),10} "
                + $"{Number(us[^1]),8}");
        }
    }

    private static long[] Fill(int entries)
    {
        VerdictTable table = new();
        long[] ticks = new long[entries];
        for (int file = 0; file < entries; file++)
        {
            FileVersion version = LookUpBed.VersionOf(file);
            long before = Stopwatch.GetTimestamp();
            table.Keep(version, Epoch, KnownVerdict.Clean, table.Stamp(version.File));
            ticks[file] = Stopwatch.GetTimestamp() - before;
        }

        return ticks;
    }

    private static string Number(double value, int digits = 1) =>
        value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
