using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Faults;

/// <summary>A daemon with a clamd of its own that watches files which turn, and another file system.</summary>
internal sealed class FaultBed : IAsyncDisposable
{
    /// <summary>How long opens may wait while somebody answers.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(10);

    private readonly WatchedFileSystem _watched;
    private readonly LoopMount _other;
    private readonly ClamdServer _engine;
    private readonly FaultFiles _files;

    private FaultBed(WatchedFileSystem watched, LoopMount other, ClamdServer engine)
    {
        _watched = watched;
        _other = other;
        _engine = engine;
        _files = FaultFiles.Create(watched.Mount);
    }

    public static async Task<FaultBed> StartAsync(FileSystemKind kind, params string[] options)
    {
        ClamdServer engine = await ClamdServer.StartAsync();
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        FaultBed bed = new(watched, await LoopMount.CreateAsync(FileSystemKind.Tmpfs), engine);
        try
        {
            await watched.StartScannerAsync(
                ["prlimit", "--core=0"],
                $"clamd:{engine.SocketPath}",
                [
                    bed._other.Path, "--deadline", $"{(int)Deadline.TotalSeconds}s", "--lease-time", "1s",
                    "--crash-deaths", "1000", "--crash-budget", "60s", .. options,
                ]);
            return bed;
        }
        catch
        {
            await bed.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has files opened and turned while the daemon meets faults, then stops it under load.</summary>
    public async Task<FaultReport> RunAsync(int seed, int deaths, IReadOnlyList<FaultKind> kinds)
    {
        FaultTarget target = new(_watched.Scanner.SupervisorId, "reader ");
        FaultDriver driver = new(target, new FaultSchedule(seed, kinds))
        {
            Engine = _engine,
            Other = _other,
            Error = _watched.Scanner.Error,
        };
        DecisionAccount account = new(_watched.Scanner.Output);
        List<LoadResult> loads = [await _files.LoadAsync(seed, () => Task.Delay(_short))];
        Descriptors before = await SettleAsync();
        loads.Add(await _files.LoadAsync(seed, () => driver.RunAsync(deaths)));
        Descriptors after = await SettleAsync();
        LayerCounters? counters = null;
        loads.Add(await _files.LoadAsync(
            seed, () => Task.Delay(_short), async () => counters = await LayerCounters.StopAsync(_watched.Scanner)));
        return new FaultReport(seed, driver, loads, _files.WrongAnswers, account)
        {
            Before = before,
            After = after,
            Counters = counters!,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _watched.DisposeAsync();
        await _other.DisposeAsync();
        await _engine.DisposeAsync();
    }

    /// <summary>Waits until nobody uses a watched file any more, and counts what is open.</summary>
    private async Task<Descriptors> SettleAsync()
    {
        Descriptors now = default;
        await Poll.UntilAsync(_settled, async () =>
        {
            int worker = await _watched.Scanner.WorkerAsync();
            now = Descriptors.Of(_watched.Scanner.SupervisorId, worker, _watched.Mount.Path);
            return now.Watched == 0;
        });
        return now;
    }
}
