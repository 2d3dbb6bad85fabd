using Scanner.Benchmarks.Clamd;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>Starts who answers the opens of a file system.</summary>
/// <param name="tools">The programs.</param>
/// <param name="mount">The file system.</param>
/// <param name="limit">How long one of them is needed; a bug then ends by itself.</param>
/// <param name="clamd">Who scans for those who have clamd scan, or <c>null</c> where none of them is started.</param>
internal sealed class Answerers(NativeTools tools, ScratchMount mount, TimeSpan limit, ClamdServer? clamd = null)
{
    /// <summary>
    /// What the daemon always gets. Nothing of another run is known, and a file that cannot be scanned is reported, not
    /// denied: the profile strict keeps no leases.
    /// </summary>
    private IReadOnlyList<string> Fixed =>
        ["--json", "--cache", "memory", "--state", Path.Combine(mount.Directory, "state")];

    /// <summary>Starts who answers; <c>null</c> where nobody does. The caller disposes of it.</summary>
    /// <param name="answerer">Who.</param>
    /// <param name="cancellation">Ends the wait for it.</param>
    /// <param name="watched">What clamonacc watches: no directory below it.</param>
    public async Task<IResponder?> StartAsync(
        Answerer answerer, CancellationToken cancellation, params IReadOnlyList<string> watched) => answerer switch
        {
            Answerer.Nobody => null,
            Answerer.Responder => await ResponderProcess.StartAsync(
                tools.Responder, mount.MountPoint, null, limit, cancellation),
            Answerer.Scannerd => await StartScannerdAsync(["--engine", "signatures"], cancellation),
            Answerer.AskedScannerd => await StartScannerdAsync(
                ["--engine", "signatures", "--no-kernel-marks", "--kept-leases", "0"], cancellation),
            Answerer.ScannerdWithClamd => await StartScannerdAsync(
                ["--engine", $"clamd:{clamd!.SocketPath}"], cancellation),
            Answerer.Clamonacc => await StartClamonaccAsync(watched, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(answerer)),
        };

    /// <summary>Starts the daemon with arguments of one's own beside those that it always gets here.</summary>
    public Task<ScannerDaemon> StartScannerdAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        ScannerDaemon.StartAsync(
            [
                tools.Scannerd ?? throw new BenchmarkException(
                    "scannerd is not built (build the solution with -c Release or name one with --scannerd)"),
                "watch", mount.WatchedDirectory, .. Fixed, .. arguments,
            ],
            null,
            limit,
            cancellation);

    private async Task<ClamonaccProcess> StartClamonaccAsync(
        IReadOnlyList<string> watched, CancellationToken cancellation)
    {
        // In a directory of its own, where no command comes across it. Nobody watches yet.
        string place = Directory.CreateDirectory(Path.Combine(mount.WatchedDirectory, "infected")).FullName;
        string infected = Path.Combine(place, "infected");
        await File.WriteAllBytesAsync(infected, ClamdServer.Infected, cancellation);
        return await ClamonaccProcess.StartAsync(
            clamd!.WriteOnAccessConfiguration([place, .. watched]), infected, limit, cancellation);
    }
}
