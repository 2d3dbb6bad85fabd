using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Faults;

/// <summary>A daemon that watches files which turn, and another file system.</summary>
internal sealed class FaultBed : IAsyncDisposable
{
    /// <summary>How long opens may wait while somebody answers.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _short = TimeSpan.FromSeconds(1);

    /// <summary>A group that was replaced, as by each new worker, stays for 10 s after it was asked last.</summary>
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(30);

    private readonly WatchedFileSystem _watched;
    private readonly LoopMount _other;
    private readonly FaultFiles _files;
    private int _reloads;

    private FaultBed(WatchedFileSystem watched, LoopMount other)
    {
        _watched = watched;
        _other = other;
        _files = FaultFiles.Create(watched.Mount);
    }

    /// <summary>A clamd that scans, or <c>null</c> where the built-in engine does.</summary>
    private ClamdServer? Clamd { get; init; }

    public static async Task<FaultBed> StartAsync(FileSystemKind kind, bool hasClamd, params string[] options)
    {
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        FaultBed bed = new(watched, await LoopMount.CreateAsync(FileSystemKind.Tmpfs))
        {
            Clamd = hasClamd ? await ClamdServer.StartAsync() : null,
        };
        try
        {
            await watched.StartScannerAsync(
                ["prlimit", "--core=0"],
                bed.Clamd is { } clamd ? $"clamd:{clamd.SocketPath}" : $"signatures:{bed._files.Signatures}",
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
    public async Task<FaultReport> RunAsync(int seed, int deaths, params IReadOnlyList<FaultKind> kinds)
    {
        FaultTarget target = new(_watched.Scanner.SupervisorId, "reader ", _files.Clean);
        FaultDriver driver = new(target, new FaultSchedule(seed, kinds))
        {
            Engine = Clamd,
            Reload = ReloadAsync,
            Other = _other,
            Watched = _watched.Mount.Path,
            Error = _watched.Scanner.Error,
        };
        DecisionAccount account = new(_watched.Scanner.Output);
        List<LoadResult> loads = [await _files.LoadAsync(seed, () => Task.Delay(_short))];
        Descriptors before = await SettleAsync(null);
        loads.Add(await _files.LoadAsync(seed, () => driver.RunAsync(deaths)));
        Descriptors after = await SettleAsync(before);
        loads.Add(await _files.LoadAsync(
            seed, () => Task.Delay(_short), () => LayerCounters.StopAsync(_watched.Scanner)));
        return new FaultReport(seed, driver, loads, _files.WrongAnswers, account) { Before = before, After = after };
    }

    /// <inheritdoc cref="RunAsync(int, int, IReadOnlyList{FaultKind})"/>
    public Task<FaultReport> RunAsync(int seed, int deaths) =>
        RunAsync(seed, deaths, Clamd is null ? FaultSchedule.WithoutProcess : FaultSchedule.All);

    public async ValueTask DisposeAsync()
    {
        await _watched.DisposeAsync();
        await _other.DisposeAsync();
        await (Clamd?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>Waits until nobody uses a watched file any more, and no more is open than before.</summary>
    private async Task<Descriptors> SettleAsync(Descriptors? before)
    {
        Descriptors? now = null;
        await Poll.UntilAsync(_settled, async () =>
        {
            int worker = await _watched.Scanner.WorkerAsync();
            now = Descriptors.Of(_watched.Scanner.SupervisorId, worker, _watched.Mount.Path);
            return now.IsNoMoreThan(before ?? now);
        });
        return now!;
    }

    private Task ReloadAsync()
    {
        string name = $"Test.Added{_reloads++}";
        if (Clamd is null)
        {
            _files.AddSignature(name);
            return Task.CompletedTask;
        }

        ClamdSamples.AddSignature(Clamd.DatabaseDirectory, name, BitConverter.GetBytes(_reloads));
        return Clamd.ReloadAsync();
    }
}
