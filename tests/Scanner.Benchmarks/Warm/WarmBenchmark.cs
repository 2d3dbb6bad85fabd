using System.Globalization;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Warm;

/// <summary>Opens of files that were opened before, and what a writer of them waits.</summary>
internal static class WarmBenchmark
{
    private const double OpenGoal = 1.25;
    private const double WriterGoalUs = 1_000;

    /// <summary>Fewer say little about a writer that has to break a lease.</summary>
    private const double KeptShare = 0.5;

    /// <summary>What mkfs.xfs accepts, and then some.</summary>
    private const long ImageSize = 400L << 20;

    /// <summary>Where the goals hold: elsewhere no file's version can be trusted, and the kernel asks.</summary>
    private static readonly ScratchKind[] s_versioned = [ScratchKind.Ext4, ScratchKind.Xfs, ScratchKind.Btrfs];

    public static async Task RunAsync(KernelCacheOptions options, CancellationToken cancellation)
    {
        CacheReport report = await MeasureAsync(options, cancellation);
        Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static async Task<CacheReport> MeasureAsync(KernelCacheOptions options, CancellationToken cancellation)
    {
        Machine machine = Machine.Here(pinnedCpu: -1);
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        List<CacheSample> samples = [];
        List<CounterLine> counters = [];
        List<string> skipped = [];
        foreach (ScratchKind place in Enum.GetValues<ScratchKind>())
        {
            await using ScratchMount? mount = await TryCreateAsync(place, skipped, cancellation);
            if (mount is not null)
            {
                WarmPass pass = new(options, tools, mount);
                await pass.RunAsync(cancellation);
                samples.AddRange(pass.Samples);
                counters.AddRange(pass.Counters);
            }
        }

        return new CacheReport(machine, options.Files, samples, counters, skipped);
    }

    private static async Task<ScratchMount?> TryCreateAsync(
        ScratchKind place, List<string> skipped, CancellationToken cancellation)
    {
        try
        {
            return await ScratchMount.CreateAsync(place, ImageSize, cancellation);
        }
        catch (BenchmarkException error)
        {
            skipped.Add($"{place}: {error.Message}");
            return null;
        }
    }

    private static void Write(CacheReport report, TextWriter output)
    {
        output.WriteLine("One open, read and close (for writing: open and close): median, mean, p99; CPU: per open");
        output.WriteLine("unasked: files that the kernel passes unasked; before a write: leases that are kept");
        new CacheTable(report, "p50 us", 1).Write(output);
        foreach (string deed in (string[])[WarmPass.RootOnly, WarmPass.UserWritable])
        {
            foreach (ScratchKind place in s_versioned)
            {
                IReadOnlyList<double> ratios =
                    report.Ratios(report.Cell(place, deed, Answerer.Scannerd), sample => sample.Us);
                Goal.AtMost(OpenGoal, $"{deed}, {place}, to nobody", ratios is [] ? null : ratios.Median(), output);
            }
        }

        foreach (ScratchKind place in s_versioned)
        {
            WriteWriterGoal(report, place, output);
        }

        foreach (string skipped in report.Skipped)
        {
            output.WriteLine($"SKIPPED: {skipped}");
        }
    }

    private static void WriteWriterGoal(CacheReport report, ScratchKind place, TextWriter output)
    {
        string what = $"{WarmPass.Writer}, {place}, p99 in us";
        IReadOnlyList<CacheSample> cell = report.Cell(place, WarmPass.Writer, Answerer.Scannerd);
        if (cell is [])
        {
            return;
        }

        double kept = cell.Select(sample => (double)(sample.Unasked ?? 0) / report.Files).Median();
        if (kept < KeptShare)
        {
            Goal.NotJudged(what, $"as leases are kept on only {Percent(kept)} of the files", output);
            return;
        }

        Goal.AtMost(WriterGoalUs, what, cell.Select(sample => sample.P99Us ?? 0).Median(), output);
    }

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture);
}
