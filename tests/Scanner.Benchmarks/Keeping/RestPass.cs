using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Keeping;

/// <summary>A daemon that nobody asks anything.</summary>
internal sealed class RestPass(NativeTools tools, ScratchMount mount)
{
    /// <summary>What a start leaves to do, the compiler's work above all.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <param name="engine">As on the command line.</param>
    /// <param name="cancellation">Ends the daemon.</param>
    public async Task<RestSample> RunAsync(string engine, CancellationToken cancellation)
    {
        string state = Path.Combine(mount.Directory, "state");
        await using ScannerDaemon daemon = await ScannerDaemon.StartAsync(
            [
                tools.Scannerd!, "watch", mount.WatchedDirectory, "--json", "--engine", engine,
                "--state", state,
            ],
            null,
            s_limit,
            cancellation);
        await Task.Delay(s_settling, cancellation);
        CpuTime before = CpuTime.Of(daemon.ProcessIds);
        await Task.Delay(s_rest, cancellation);
        TimeSpan spent = CpuTime.Of(daemon.ProcessIds).Since(before);
        long bytes = daemon.ProcessIds.Sum(ProcessMemory.Proportional);
        _ = await daemon.StopAsync();
        Directory.Delete(state, recursive: true);
        return new RestSample(bytes, spent / s_rest);
    }
}
