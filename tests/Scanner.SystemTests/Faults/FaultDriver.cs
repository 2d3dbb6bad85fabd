using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Faults;

/// <summary>Does to a daemon what the schedule says, and measures for how long nobody answers.</summary>
internal sealed class FaultDriver(FaultTarget target, FaultSchedule schedule)
{
    private const int LongestRecovery = 400;
    private const int LongestEngineOutage = 1_500;

    /// <summary>Less than the supervisor's patience with a silent worker.</summary>
    private const int LongestPause = 700;

    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(10);

    private readonly Dictionary<FaultKind, int> _done = [];
    private readonly List<(double From, double To)> _deaths = [];

    /// <summary>The engine, where it is a process.</summary>
    public ClamdServer? Engine { get; init; }

    /// <summary>Gives the engine another database.</summary>
    public Func<Task>? Reload { get; init; }

    /// <summary>Another watched file system, which is not busy.</summary>
    public LoopMount? Other { get; init; }

    /// <summary>The file system that is busy: its files are open in the keeper while leases are kept.</summary>
    public string? Watched { get; init; }

    /// <summary>The daemon's standard error, on which a supervisor says that it does not hand over now.</summary>
    public ScannerLog? Error { get; init; }

    /// <summary>How often each fault was done.</summary>
    public IReadOnlyDictionary<FaultKind, int> Done => _done;

    /// <summary>How many workers have died of it.</summary>
    public int Deaths => _deaths.Count;

    /// <summary>The longest time in which nobody answered.</summary>
    public TimeSpan LongestOutage { get; private set; }

    /// <summary>The most leases that were kept when a fault came.</summary>
    public int MostLeases { get; private set; }

    /// <summary>Whether a worker died so soon after that moment that it may not have told of what it did.</summary>
    public bool DiedAt(double milliseconds) =>
        _deaths.Any(death => milliseconds >= death.From - 50 && milliseconds <= death.To + 10);

    /// <summary>Goes on until so many workers have died.</summary>
    public async Task RunAsync(int deaths)
    {
        while (Deaths < deaths)
        {
            await Task.Delay(schedule.NextPause(), TestContext.Current.CancellationToken);
            FaultKind kind = schedule.NextKind();
            _done[kind] = _done.GetValueOrDefault(kind) + 1;
            MostLeases = Math.Max(MostLeases, ProcessTable.OpenFilesOf(target.KeeperId).Count(IsWatched));
            await DoAsync(kind);
        }

        await target.ServingAsync(before: 0);
    }

    private bool IsWatched(string file) =>
        Watched is not null && file.StartsWith(Watched + "/", StringComparison.Ordinal);

    private Task DoAsync(FaultKind kind) => kind switch
    {
        FaultKind.KillWorker => KillAsync(Signals.Kill),
        FaultKind.KillTwice => KillTwiceAsync(),
        FaultKind.AbortWorker => KillAsync(Signals.Abort),
        FaultKind.StopWorker => KillAsync(Signals.Stop),
        FaultKind.PauseWorker => PauseAsync(),
        FaultKind.KillEngine => KillEngineAsync(),
        FaultKind.StopEngine => StopEngineAsync(),
        FaultKind.ReloadEngine => Reload!(),
        FaultKind.HandOver => HandOverAsync(),
        FaultKind.Pressure => PressAsync(),
        FaultKind.Remount => RemountAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private async Task KillAsync(Action<int> signal)
    {
        int worker = await target.NextAsync(before: 0);
        Stopwatch clock = Stopwatch.StartNew();
        await EndAsync(worker, signal);
        await target.ServingAsync(worker);
        NoteOutage(clock);
    }

    private async Task KillTwiceAsync()
    {
        int worker = await target.NextAsync(before: 0);
        Stopwatch clock = Stopwatch.StartNew();
        await EndAsync(worker, Signals.Kill);
        int second = await target.NextAsync(worker);
        await Task.Delay(schedule.Milliseconds(LongestRecovery), TestContext.Current.CancellationToken);
        await EndAsync(second, Signals.Kill);
        await target.ServingAsync(second);
        NoteOutage(clock);
    }

    private async Task EndAsync(int worker, Action<int> signal)
    {
        double from = DecisionAccount.MonotonicMilliseconds;
        signal(worker);
        double to = DecisionAccount.MonotonicMilliseconds;
        bool isDead = await Poll.UntilAsync(_noticed, () =>
        {
            // A stopped worker says nothing from the moment on at which it stands still.
            to = signal == Signals.Stop ? to : DecisionAccount.MonotonicMilliseconds;
            if (signal == Signals.Abort)
            {
                // The runtime may survive the first one.
                signal(worker);
            }

            return !ProcessTable.IsAlive(worker);
        });
        Assert.True(isDead, $"worker {worker} does not end");
        _deaths.Add((from, to));
    }

    private async Task PauseAsync()
    {
        int worker = await target.NextAsync(before: 0);
        double from = DecisionAccount.MonotonicMilliseconds;
        Stopwatch clock = Stopwatch.StartNew();
        Signals.Stop(worker);
        await Task.Delay(schedule.Milliseconds(LongestPause), TestContext.Current.CancellationToken);
        Signals.Continue(worker);
        if (await target.ServingAsync(before: 0) != worker)
        {
            // On a busy machine it was silent for too long all the same.
            _deaths.Add((from, DecisionAccount.MonotonicMilliseconds));
        }

        NoteOutage(clock);
    }

    private async Task KillEngineAsync()
    {
        await Engine!.KillAsync();
        await Task.Delay(schedule.Milliseconds(LongestEngineOutage), TestContext.Current.CancellationToken);
        await Engine.StartAgainAsync();
    }

    private async Task StopEngineAsync()
    {
        Engine!.Stop();
        await Task.Delay(schedule.Milliseconds(LongestEngineOutage), TestContext.Current.CancellationToken);
        Engine.Continue();
    }

    private async Task HandOverAsync()
    {
        int worker = await target.ServingAsync(before: 0);
        int refused = Refusals;
        Stopwatch clock = Stopwatch.StartNew();
        Signals.User2(target.KeeperId);
        bool isOver = await Poll.UntilAsync(
            _noticed, () => Refusals > refused || (target.TryFindWorker() is int next and not 0 && next != worker));
        Assert.True(isOver, "no hand-over, and no word of it");
        if (Refusals == refused)
        {
            await target.ServingAsync(worker);
            NoteOutage(clock);
        }
    }

    private int Refusals => Error!.Lines.Count(line => line.Contains("no hand-over", StringComparison.Ordinal));

    private static async Task PressAsync()
    {
        await ChildProcess.MustAsync("sh", "-c", "head -c 200M /dev/zero | tail -c 200M >/dev/null");
        await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "2", TestContext.Current.CancellationToken);
    }

    private async Task RemountAsync()
    {
        string infected = Other!.In("infected");
        bool isGone = await Poll.UntilAsync(
            _noticed, async () => (await LoopMount.DetachAsync(Other.Path)).ExitCode == 0);
        Assert.True(isGone, "the other file system stays busy");
        await Other.AttachAsync(Other.Path);
        bool isProtected = await Poll.UntilAsync(
            _noticed,
            async () => await IsThereAsync(infected)
                && (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);
        Assert.True(isProtected, "the file system that came back is not protected");
    }

    /// <summary>Under strict nothing can be created while nobody decides.</summary>
    private static async Task<bool> IsThereAsync(string infected) =>
        File.Exists(infected)
        || (await Opener.TryPutAsync(infected, Samples.Eicar)).Line == OpenerResult.Content(Samples.Eicar);

    private void NoteOutage(Stopwatch clock) =>
        LongestOutage = clock.Elapsed > LongestOutage ? clock.Elapsed : LongestOutage;
}
