using Scanner.Benchmarks.Clamd;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Work;

/// <summary>How much longer ordinary work takes where opens are scanned.</summary>
internal static class WorkBenchmark
{
    private const double GrepGoal = 1.15;
    private const long ImageSize = 1L << 30;

    public static async Task RunAsync(KernelCacheOptions options, CancellationToken cancellation)
    {
        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        CacheReport report = await MeasureAsync(options, tools, cancellation);
        Write(report, Console.Out);
        if (options.JsonFile is string path)
        {
            await JsonReport.WriteAsync(report, path, cancellation);
        }
    }

    private static async Task<CacheReport> MeasureAsync(
        KernelCacheOptions options, NativeTools tools, CancellationToken cancellation)
    {
        Machine machine = Machine.Here(pinnedCpu: -1);
        bool hasClamd = File.Exists(ClamdServer.Program);
        List<string> skipped = [];
        List<Answerer> answerers =
            [Answerer.Nobody, Answerer.Responder, Answerer.AskedScannerd, Answerer.Scannerd];
        Add(Answerer.ScannerdWithClamd, hasClamd, "clamd is not installed (Debian: clamav-daemon)");
        Add(Answerer.Clamonacc, hasClamd && File.Exists(ClamonaccProcess.Program), "clamonacc is not installed");
        string directory = Directory.CreateTempSubdirectory("scanner-bench-work-").FullName;
        try
        {
            await using ScratchMount mount =
                await ScratchMount.CreateAsync(ScratchKind.Ext4, ImageSize, cancellation);
            await using ClamdServer? clamd = hasClamd ? await ClamdServer.StartAsync(directory, cancellation) : null;
            WorkPass pass = new(options.Rounds, new WorkBed(options, tools, mount, directory, clamd), answerers);
            await pass.RunAsync(cancellation);
            return new CacheReport(machine, options.Files, pass.Samples, pass.Counters, [.. skipped, .. pass.Skipped]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        void Add(Answerer answerer, bool isThere, string lack)
        {
            if (isThere)
            {
                answerers.Add(answerer);
            }
            else
            {
                skipped.Add($"{CacheTable.NameOf(answerer)}: {lack}");
            }
        }
    }

    private static void Write(CacheReport report, TextWriter output)
    {
        output.WriteLine("Whole commands; CPU: of all who answer, clamd included, during the command");
        output.WriteLine("unasked: files of those searched that the kernel passes unasked");
        new CacheTable(report, "ms", 1e3).Write(output);
        foreach (string deed in (string[])[WorkPass.GrepRootOnly, WorkPass.GrepUserWritable])
        {
            foreach (Answerer answerer in (Answerer[])[Answerer.Scannerd, Answerer.ScannerdWithClamd])
            {
                IReadOnlyList<double> ratios =
                    report.Ratios(report.Cell(ScratchKind.Ext4, deed, answerer), sample => sample.Us);
                Goal.AtMost(
                    GrepGoal,
                    $"{deed}, {CacheTable.NameOf(answerer)}, to nobody",
                    ratios is [] ? null : ratios.Median(),
                    output);
            }
        }

        foreach (string skipped in report.Skipped)
        {
            output.WriteLine($"SKIPPED: {skipped}");
        }
    }
}
