using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Marks;

/// <summary>What a great many marks cost: opens, and getting rid of all of them.</summary>
internal static class MarksBenchmark
{
    public static async Task RunAsync(KernelCacheOptions options, CancellationToken cancellation)
    {
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        MarksReport report = await MeasureAsync(options, tools, cancellation);
        MarksTextReport.Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static async Task<MarksReport> MeasureAsync(
        KernelCacheOptions options, NativeTools tools, CancellationToken cancellation)
    {
        Machine machine = Machine.Here(pinnedCpu: -1);
        string directory = Directory.CreateTempSubdirectory("scanner-bench-marks-").FullName;
        try
        {
            await using ScratchMount mount = await ManyFiles.CreateMountAsync(options.Files, cancellation);
            MarksPass pass = new(options, tools, mount, new SignatureLists(directory));
            return new MarksReport(machine, options.Files, await pass.RunAsync(cancellation));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
