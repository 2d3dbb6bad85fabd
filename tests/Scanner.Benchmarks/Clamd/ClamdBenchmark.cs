using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Clamd;

/// <summary>What scanning by clamd costs on the way through scannerd, against clamd alone and clamonacc.</summary>
internal static class ClamdBenchmark
{
    public static async Task RunAsync(ClamdOptions options, CancellationToken cancellation)
    {
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        ClamdReport report = await MeasureAsync(options, tools, cancellation);
        ClamdTextReport.Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static async Task<ClamdReport> MeasureAsync(
        ClamdOptions options, NativeTools tools, CancellationToken cancellation)
    {
        Machine machine = Machine.Here(pinnedCpu: -1);
        string directory = Directory.CreateTempSubdirectory("scanner-bench-clamd-").FullName;
        try
        {
            await using BenchImage image = await BenchImage.CreateAsync(cancellation);
            await using ClamdServer clamd = await ClamdServer.StartAsync(directory, cancellation);
            ClamdBed bed = new(options, tools, image, clamd);
            ColdPass cold = new(bed);
            IReadOnlyList<ClamdSample> samples = await cold.RunAsync(cancellation);
            MemorySample? memory = bed.HasScannerd && options.MemoryScans > 0
                ? await new MemoryPass(bed).RunAsync(cancellation)
                : null;
            return new ClamdReport(machine, samples, memory, cold.Skipped);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
