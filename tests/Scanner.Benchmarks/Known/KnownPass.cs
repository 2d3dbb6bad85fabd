using System.Diagnostics;
using System.Text.Json;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Marks;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Known;

/// <summary>Has some files scanned and opened again, then all, then starts another daemon with the same state.</summary>
/// <remarks>The kernel is told nothing, so that each open is answered from what the daemon knows.</remarks>
internal sealed class KnownPass(KernelCacheOptions options, NativeTools tools, ScratchMount mount)
{
    public const int FewFiles = 1_000;

    /// <summary>Files that one run of the openers gets: more would not fit into its arguments.</summary>
    private const int Portion = 10_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    private readonly OpenerRun _opener = new(tools.Opener);
    private readonly ManyFiles _files = new(mount, options.Files);

    private string State => Path.Combine(mount.Directory, "state");

    private IReadOnlyList<string> Few => [.. _files.Samples.Take(FewFiles)];

    public async Task<IReadOnlyList<KnownSample>> RunAsync(CancellationToken cancellation)
    {
        await Console.Error.WriteLineAsync($"writing {options.Files} files");
        _files.Write(cancellation);
        List<KnownSample> samples = [];
        for (int round = 1; round <= options.Rounds; round++)
        {
            samples.Add(await MeasureAsync(round, cancellation));
        }

        return samples;
    }

    private async Task<KnownSample> MeasureAsync(int round, CancellationToken cancellation)
    {
        (double few, double many, long memory) = await KnowAllAsync(round, cancellation);
        long store = Directory.EnumerateFiles(State, "verdicts*", SearchOption.AllDirectories)
            .Sum(file => new FileInfo(file).Length);

        Stopwatch clock = Stopwatch.StartNew();
        await using ScannerDaemon next = await StartAsync(cancellation);
        double ready = clock.Elapsed.TotalMilliseconds;
        await OpenAsync(Few, cancellation);
        JsonElement counters = await next.StopAsync();
        Directory.Delete(State, recursive: true);
        return new KnownSample(round, few, many, memory, store, ready, ScansIn(counters));
    }

    private async Task<(double Few, double Many, long Memory)> KnowAllAsync(int round, CancellationToken cancellation)
    {
        await using ScannerDaemon daemon = await StartAsync(cancellation);
        await OpenAsync(Few, cancellation);
        await Quiet.WaitAsync(daemon.ProcessIds, cancellation);
        double few = await OpenAgainAsync(cancellation);
        int left = _files.All.Count;
        foreach (string[] portion in _files.All.Chunk(Portion))
        {
            await Console.Error.WriteLineAsync($"round {round} of {options.Rounds}: {left} files to go");
            await OpenAsync(portion, cancellation);
            left -= portion.Length;
        }

        await Quiet.WaitAsync(daemon.ProcessIds, cancellation);
        double many = await OpenAgainAsync(cancellation);
        long memory = daemon.ProcessIds.Sum(ProcessMemory.Proportional);
        _ = await daemon.StopAsync();
        return (few, many, memory);
    }

    private Task<ScannerDaemon> StartAsync(CancellationToken cancellation) => ScannerDaemon.StartAsync(
        [
            tools.Scannerd ?? throw new BenchmarkException("scannerd is not built"),
            "watch", mount.WatchedDirectory, "--json", "--engine", "signatures", "--state", State,
            "--no-kernel-marks", "--kept-leases", "0",
        ],
        null,
        s_limit,
        cancellation);

    private async Task OpenAsync(IReadOnlyList<string> files, CancellationToken cancellation) =>
        await _opener.RunOnceAsync(files, Math.Min(2, files.Count), cancellation);

    // Twice: the first time is the processor's, which has to find the inodes.
    private async Task<double> OpenAgainAsync(CancellationToken cancellation)
    {
        await _opener.RunOnceAsync(Few, openers: 1, cancellation);
        return (await _opener.RunOnceAsync(Few, openers: 1, cancellation)).P50Us;
    }

    /// <remarks>
    /// The image of a loop mount may have been written while no daemon was there, so contents count, not versions.
    /// </remarks>
    private static long ScansIn(JsonElement counters)
    {
        JsonElement contents = counters.GetProperty("contents");
        return contents.GetProperty("miss").GetInt64() + contents.GetProperty("uncopied").GetInt64();
    }
}
