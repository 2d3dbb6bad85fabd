using System.Globalization;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Clamd;

/// <summary>Whether the worker's memory grows with the number of scans.</summary>
internal sealed class MemoryPass(ClamdBed bed)
{
    private const int Openers = 4;
    private const string Field = "RssAnon:";

    public async Task<MemorySample> RunAsync(CancellationToken cancellation)
    {
        int late = bed.Options.MemoryScans;
        int early = late / 5;
        await using ScannerDaemon daemon = await bed.StartScannerdAsync(cancellation);
        await ScanAsync(early, cancellation);
        long earlyBytes = AnonymousMemory(daemon.ReaderId);
        await ScanAsync(late - early, cancellation);
        long lateBytes = AnonymousMemory(daemon.ReaderId);
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

    private static long AnonymousMemory(int process)
    {
        string line = ProcessTree.Read($"/proc/{process}/status").Split('\n')
            .First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[Field.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }
}
