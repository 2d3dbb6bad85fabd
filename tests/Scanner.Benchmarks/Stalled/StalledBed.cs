using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Stalled;

/// <summary>Two file systems, in one of which most files are never scanned to an end.</summary>
internal sealed class StalledBed(StalledOptions options, NativeTools tools, BenchImage stalled, BenchImage other)
{
    /// <summary>Larger than what is copied before it is scanned: the engine is to see whose file it is.</summary>
    private const string StalledSize = "32M";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromMinutes(1);

    public StalledOptions Options => options;

    private string StalledDirectory => Path.Combine(stalled.WatchedDirectory, "stalled");

    /// <summary>Makes the files that nobody comes to an end with: holes, so that they take no room.</summary>
    public Task WriteStalledFilesAsync(CancellationToken cancellation) =>
        Command.RunAsync(
            [
                "sh", "-ec",
                $"mkdir '{StalledDirectory}'; cd '{StalledDirectory}'; seq 0 {options.Pending - 1} "
                    + $"| xargs truncate -s {StalledSize}; chown -R {StalledEngine.SlowUser} .",
            ],
            WriteLimit,
            cancellation);

    /// <summary>Starts who answers on both file systems, and has the known files known. The caller disposes.</summary>
    public async Task<IAsyncDisposable> StartAsync(Route route, CancellationToken cancellation)
    {
        Started started = new();
        try
        {
            await (route == Route.Responder
                ? StartRespondersAsync(started, cancellation)
                : StartScannerdAsync(started, cancellation));
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public Task<PendingOpens> StartPendingAsync(CancellationToken cancellation) =>
        PendingOpens.StartAsync(tools.PendingOpens, options.Pending, StalledDirectory, cancellation);

    /// <summary>Opens known files; all must be allowed.</summary>
    public async Task<OpenerResult> OpenAsync(
        StalledPlace place, int openers, TimeSpan time, CancellationToken cancellation)
    {
        BenchImage image = place == StalledPlace.Same ? stalled : other;
        OpenerPlan plan = new(image.Files(FileKind.Small), openers, time, Cpu: null);
        return await new OpenerRun(tools.Opener).RunAllowedAsync(plan, cancellation);
    }

    private async Task StartRespondersAsync(Started started, CancellationToken cancellation)
    {
        foreach (string[] arguments in (string[][])[[stalled.MountPoint, $"{options.Pending}"], [other.MountPoint]])
        {
            started.Add(await ResponderProcess.StartAsync(
                [tools.Responder, .. arguments], cpu: null, Lifetime, cancellation));
        }
    }

    private async Task StartScannerdAsync(Started started, CancellationToken cancellation)
    {
        string directory = Directory.CreateTempSubdirectory("scanner-bench-stalled-").FullName;
        started.Add(new LeftDirectory(directory));
        StalledEngine engine = await StalledEngine.StartAsync(tools.FakeClamd, directory, cancellation);
        started.Add(engine);
        started.Add(await ScannerDaemon.StartAsync(
            [
                tools.Scannerd!, "watch", stalled.WatchedDirectory, other.WatchedDirectory,
                "--engine", $"clamd:{engine.SocketPath}", "--deadline", "5m", "--profile", "strict",
                "--cache", "memory", "--no-kernel-marks", "--json",
            ],
            cpu: null,
            Lifetime,
            cancellation));
        foreach (StalledPlace place in (StalledPlace[])[StalledPlace.Same, StalledPlace.Other])
        {
            await OpenAsync(place, openers: 1, StalledOptions.CellTime, cancellation);
        }
    }

    /// <summary>What was started, and is ended in the opposite order.</summary>
    private sealed class Started : IAsyncDisposable
    {
        private readonly Stack<IAsyncDisposable> _parts = [];

        public void Add(IAsyncDisposable part) => _parts.Push(part);

        public async ValueTask DisposeAsync()
        {
            while (_parts.TryPop(out IAsyncDisposable? part))
            {
                await part.DisposeAsync();
            }
        }
    }

    private sealed class LeftDirectory(string path) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Directory.Delete(path, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
