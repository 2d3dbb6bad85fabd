using Scanner.Benchmarks.Clamd;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Keeping;

/// <summary>What it costs that opens outlive a worker: the journal, memory and CPU at rest, a crash.</summary>
internal static class KeepingBenchmark
{
    private const double InlineGoalNs = 500;
    private const double ScannedGoalNs = 2_000;
    private const double CrashGoalMs = 1_500;
    private const double MemoryGoal = 130;
    private const double CpuGoal = 0.2;

    private const long ImageBytes = 64L << 20;

    public static async Task RunAsync(KernelCacheOptions options, CancellationToken cancellation)
    {
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        KeepingReport report = await MeasureAsync(options, tools, cancellation);
        Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static async Task<KeepingReport> MeasureAsync(
        KernelCacheOptions options, NativeTools tools, CancellationToken cancellation)
    {
        Machine machine = Machine.Here(pinnedCpu: -1);
        (double inline, double scanned) = new JournalCost().Measure();
        string directory = Directory.CreateTempSubdirectory("scanner-bench-keeping-").FullName;
        try
        {
            await using ScratchMount mount = await ScratchMount.CreateAsync(ScratchKind.Ext4, ImageBytes, cancellation);
            await using ClamdServer clamd = await ClamdServer.StartAsync(directory, cancellation);
            await Console.Error.WriteLineAsync("at rest");
            RestPass rest = new(tools, mount);
            RestSample builtIn = await rest.RunAsync("signatures", cancellation);
            RestSample withClamd = await rest.RunAsync($"clamd:{clamd.SocketPath}", cancellation);
            CrashPass crash = new(tools, mount, clamd, options.Files);
            List<double> times = [];
            for (int round = 1; round <= options.Rounds; round++)
            {
                await Console.Error.WriteLineAsync($"crash {round} of {options.Rounds}");
                times.Add(await crash.RunAsync(round, cancellation));
            }

            return new KeepingReport(machine, inline, scanned, builtIn, withClamd, options.Files, times);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Write(KeepingReport report, TextWriter output)
    {
        output.WriteLine(
            $"Linux {report.Machine.Kernel}, {report.Machine.Cpus} CPUs, load before {report.Machine.LoadBefore:F2}");
        Goal.AtMost(InlineGoalNs, "ns that a slot costs an inline answer", report.InlineNs, output);
        Goal.AtMost(ScannedGoalNs, "ns that a slot and a file handle cost a scanned one", report.ScannedNs, output);
        Write("built-in engine", report.RestBuiltIn, output);
        Write("clamd", report.RestClamd, output);
        Goal.AtMost(
            CrashGoalMs,
            $"ms from a worker's death until {report.Opens} opens that waited are scanned and answered",
            report.CrashMs.Median(),
            output);
    }

    private static void Write(string engine, RestSample rest, TextWriter output)
    {
        Goal.AtMost(MemoryGoal, $"MB of both processes (PSS) at rest, {engine}", rest.MemoryBytes / 1e6, output);
        Goal.AtMost(CpuGoal, $"% of a CPU at rest, {engine}", rest.CpuShare * 100, output);
    }
}
