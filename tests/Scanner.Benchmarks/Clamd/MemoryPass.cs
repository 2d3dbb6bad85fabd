using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Clamd;

/// <summary>Whether the worker's memory grows with the number of scans.</summary>
internal sealed class MemoryPass(ClamdBed bed)
{
    private const int Openers = 4;

    public async Task<MemorySample> RunAsync(CancellationToken cancellation)
    {
        int late = bed.Options.MemoryScans;
        int early = late / 5;
        await using ScannerDaemon daemon = await bed.StartScannerdAsync(cancellation);
        await ScanAsync(early, cancellation);
        long earlyBytes = ProcessMemory.Anonymous(daemon.ReaderId);
        await ScanAsync(late - early, cancellation);
        long lateBytes = ProcessMemory.Anonymous(daemon.ReaderId);
        daemon.Process.AssertRunning();
        return new MemorySample(early, earlyBytes, late, lateBytes);
    }

    private async Task ScanAsync(int count, CancellationToken cancellation)
    {
        for (int left = count; left > 0;)
        {
            int portion = Math.Min(left, bed.Options.Files);
            await Console.Error.WriteLineAsync($"memory: {left} scans to go");

            // New files each time: an answer that is remembered is no scan.
            IReadOnlyList<string> files = await bed.Files.WriteAsync(portion, cancellation);
            await bed.OpenAsync(ClamdRoute.Scannerd, files, Math.Min(Openers, portion), cancellation);
            left -= portion;
        }
    }
}
