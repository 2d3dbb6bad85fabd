using Scanner.Benchmarks.Passes;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks;

/// <summary>The whole run: what can be measured here is measured, what cannot is said.</summary>
internal static class Benchmark
{
    public static async Task RunAsync(BenchmarkOptions options, CancellationToken cancellation)
    {
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        if (tools.Scannerd is null)
        {
            await Console.Error.WriteLineAsync(
                "SKIPPED: everything about scannerd, which is not built "
                + "(build the solution with -c Release or name one with --scannerd)");
        }

        Report report = await MeasureAsync(options, tools, cancellation);
        TextReport.Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static async Task<Report> MeasureAsync(
        BenchmarkOptions options, NativeTools tools, CancellationToken cancellation)
    {
        await using BenchImage image = await BenchImage.CreateAsync(cancellation);
        TestBed bed = new(options, tools, image);
        Machine machine = Machine.Here(bed.PinnedCpu);
        IReadOnlyList<Sample> samples = await new ThroughputPass(bed).RunAsync(cancellation);
        IReadOnlyList<SystemCallSample> calls = await new SystemCallPass(bed).RunAsync(cancellation);
        IReadOnlyList<KillSample> kills = bed.HasScannerd ? await new KillPass(bed).RunAsync(cancellation) : [];
        return new Report(machine, Row.From(samples), calls, kills, samples);
    }
}
