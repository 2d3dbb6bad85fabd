using System.Diagnostics;
using System.Text.Json;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Marks;

/// <summary>Has all files scanned once, opens some of them again, and then gives the engine new signatures.</summary>
internal sealed class MarksPass(
    KernelCacheOptions options, NativeTools tools, ScratchMount mount, SignatureLists lists)
{
    /// <summary>Files that one run of the openers gets: more would not fit into its arguments.</summary>
    private const int Portion = 10_000;

    private const int Openers = 2;

    private static readonly TimeSpan AnswererLimit = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan ReloadLimit = TimeSpan.FromMinutes(3);

    private static readonly JsonSerializerOptions s_json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly OpenerRun _opener = new(tools.Opener);
    private readonly Answerers _answerers = new(tools, mount, AnswererLimit);
    private readonly ManyFiles _files = new(mount, options.Files);

    public async Task<IReadOnlyList<MarksSample>> RunAsync(CancellationToken cancellation)
    {
        await Console.Error.WriteLineAsync($"writing {options.Files} files");
        _files.Write(cancellation);
        List<MarksSample> samples = [];
        for (int round = 1; round <= options.Rounds; round++)
        {
            samples.Add(new MarksSample(round, Answerer.Nobody, await OpenAgainAsync(cancellation)));

            // The signatures are looked for at the engine's pace either way; what comes on top is what marks cost.
            samples.Add(await MeasureAsync(round, Answerer.AskedScannerd, cancellation));
            samples.Add(await MeasureAsync(round, Answerer.Scannerd, cancellation));
        }

        return samples;
    }

    private async Task<MarksSample> MeasureAsync(int round, Answerer answerer, CancellationToken cancellation)
    {
        bool isAsked = answerer == Answerer.AskedScannerd;
        lists.Write();
        await using ScannerDaemon daemon = await _answerers.StartScannerdAsync(
            [
                "--engine", $"signatures:{lists.Place}",
                .. (IEnumerable<string>)(isAsked ? ["--no-kernel-marks", "--kept-leases", "0"] : []),
            ],
            cancellation);
        Stopwatch clock = Stopwatch.StartNew();
        int scanned = await ScanAsync(
            $"round {round} of {options.Rounds}, {CacheTable.NameOf(answerer)}",
            [.. isAsked ? _files.Samples : _files.All, _files.Known],
            cancellation);
        double scanSeconds = clock.Elapsed.TotalSeconds;
        await Quiet.WaitAsync(daemon.ProcessIds, cancellation);
        MarksSample sample = new(round, answerer, await OpenAgainAsync(cancellation))
        {
            Scanned = scanned,
            ScanSeconds = scanSeconds,
            Unasked = KernelState.CountPassedInodes(daemon.Process.Id),
            Reload = await ReloadAsync(cancellation),
        };
        daemon.Process.AssertRunning();
        clock.Restart();
        _ = await daemon.StopAsync();
        return sample with { StopSeconds = clock.Elapsed.TotalSeconds };
    }

    private async Task<int> ScanAsync(string what, IReadOnlyList<string> files, CancellationToken cancellation)
    {
        int done = 0;
        foreach (string[] portion in files.Chunk(Portion))
        {
            await Console.Error.WriteLineAsync($"{what}: {files.Count - done} files to go");
            await _opener.RunOnceAsync(portion, Openers, cancellation);
            done += portion.Length;
        }

        return done;
    }

    // Twice: the first time is the processor's, which has to find the inodes.
    private async Task<OpenerResult> OpenAgainAsync(CancellationToken cancellation)
    {
        await _opener.RunOnceAsync(_files.Samples, openers: 1, cancellation);
        return await _opener.RunOnceAsync(_files.Samples, openers: 1, cancellation);
    }

    private async Task<ReloadTimes> ReloadAsync(CancellationToken cancellation)
    {
        string output = await Command.RunAsync(
            [tools.Reloader, lists.New, lists.Old, _files.Known, _files.Samples[0], .. _files.Fresh],
            ReloadLimit,
            cancellation);
        return JsonSerializer.Deserialize<ReloadTimes>(output, s_json)
            ?? throw new BenchmarkException("bench_reload printed no result");
    }
}
