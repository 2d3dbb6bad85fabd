using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Marks;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Known;

/// <summary>What it costs to know a great many files: each open, memory, disk, and the next start.</summary>
internal static class KnownBenchmark
{
    private const double HitGoal = 1.5;
    private const double MemoryGoal = 300;
    private const double StoreGoal = 120;
    private const double ReadyGoalMs = 2_000;

    public static async Task RunAsync(KernelCacheOptions options, CancellationToken cancellation)
    {
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        Machine machine = Machine.Here(pinnedCpu: -1);
        await using ScratchMount mount = await ManyFiles.CreateMountAsync(options.Files, cancellation);
        KnownPass pass = new(options, tools, mount);
        KnownReport report = new(machine, options.Files, await pass.RunAsync(cancellation));
        Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static void Write(KnownReport report, TextWriter output)
    {
        output.WriteLine(
            $"Linux {report.Machine.Kernel}, {report.Machine.Cpus} CPUs, load before {report.Machine.LoadBefore:F2}; "
            + $"{report.Files} files of one byte, kernel marks and kept leases turned off");
        IReadOnlyList<KnownSample> samples = report.Samples;
        int few = Math.Min(KnownPass.FewFiles, report.Files);
        output.WriteLine(
            $"p50 of an open of a known file: {Median(s => s.FewP50Us):F2} us with {few} files known, "
            + $"{Median(s => s.ManyP50Us):F2} us with all");
        Goal.AtMost(HitGoal, "open of a known file, all known to few known", Median(s => s.ManyP50Us / s.FewP50Us), output);
        Goal.AtMost(MemoryGoal, "MB of both processes (PSS), all known", Median(s => s.MemoryBytes / 1e6), output);
        Goal.AtMost(StoreGoal, "MB of the store", Median(s => s.StoreBytes / 1e6), output);
        Goal.AtMost(ReadyGoalMs, "ms until the next daemon is ready", Median(s => s.ReadyMs), output);
        Goal.AtMost(0, $"scans when {few} files are opened then", Median(s => s.Scans), output);

        double Median(Func<KnownSample, double> value) => samples.Select(value).Median();
    }
}
