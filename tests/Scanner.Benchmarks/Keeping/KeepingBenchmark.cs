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
        Machine machine = Machine.Here(pinnedCpu: -1);
        Console.WriteLine($"Linux {machine.Kernel}, {machine.Cpus} CPUs, load before {machine.LoadBefore:F2}");
        (double inline, double scanned) = new JournalCost().Measure();
        Goal.AtMost(InlineGoalNs, "ns that a slot costs an inline answer", inline, Console.Out);
        Goal.AtMost(ScannedGoalNs, "ns that a slot and a file handle cost a scanned one", scanned, Console.Out);

        string directory = Directory.CreateTempSubdirectory("scanner-bench-keeping-").FullName;
        try
        {
            await using ScratchMount mount = await ScratchMount.CreateAsync(ScratchKind.Ext4, ImageBytes, cancellation);
            await using ClamdServer clamd = await ClamdServer.StartAsync(directory, cancellation);
            await RestAsync(new RestPass(tools, mount), clamd, cancellation);
            CrashPass crash = new(tools, mount, clamd, options.Files);
            List<double> times = [];
            for (int round = 1; round <= options.Rounds; round++)
            {
                await Console.Error.WriteLineAsync($"crash {round} of {options.Rounds}");
                times.Add(await crash.RunAsync(round, cancellation));
            }

            Goal.AtMost(
                CrashGoalMs,
                $"ms from a worker's death until {options.Files} opens that waited are scanned and answered",
                times.Median(),
                Console.Out);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task RestAsync(RestPass rest, ClamdServer clamd, CancellationToken cancellation)
    {
        foreach ((string name, string engine) in
            new[] { ("built-in engine", "signatures"), ("clamd", $"clamd:{clamd.SocketPath}") })
        {
            await Console.Error.WriteLineAsync($"at rest, {name}");
            (long bytes, double share) = await rest.RunAsync(engine, cancellation);
            Goal.AtMost(MemoryGoal, $"MB of both processes (PSS) at rest, {name}", bytes / 1e6, Console.Out);
            Goal.AtMost(CpuGoal, $"% of a CPU at rest, {name}", share * 100, Console.Out);
        }
    }
}
