using System.Diagnostics;

namespace Scanner.SystemTests.Fixtures;

/// <summary>A running `scannerd watch`, under a kill timer that also holds if the test host dies.</summary>
/// <remarks>
/// timeout(1) is the parent; whatever else stands before the daemon (prlimit, unshare) executes it in its own place, so
/// that timeout's child is the supervisor.
/// </remarks>
internal sealed class ScannerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _killed = TimeSpan.FromSeconds(10);

    private readonly Process _timer;

    private ScannerProcess(Process timer)
    {
        _timer = timer;
        Output = new ScannerLog(timer.StandardOutput);
        Error = new ScannerLog(timer.StandardError);
    }

    public ScannerLog Output { get; }

    public ScannerLog Error { get; }

    public int SupervisorId { get; private set; }

    /// <summary>Starts the daemon and waits until it says that protection is in force.</summary>
    public static async Task<ScannerProcess> StartAsync(params string[] arguments) =>
        await StartBehindAsync([], arguments);

    /// <summary>As <see cref="StartAsync"/>, by way of commands that execute what follows them.</summary>
    public static async Task<ScannerProcess> StartBehindAsync(string[] prefix, string[] arguments)
    {
        ScannerProcess scanner = Launch(prefix, arguments);
        try
        {
            bool ready = await Poll.UntilAsync(_startLimit, () => scanner.IsReady || scanner._timer.HasExited);
            Assert.True(ready && scanner.IsReady, $"scannerd did not get ready:\n{scanner}");
            return scanner;
        }
        catch
        {
            await scanner.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the daemon and does not wait for it.</summary>
    public static ScannerProcess Begin(params string[] arguments) => Launch([], arguments);

    /// <summary>Waits until the start has succeeded or failed.</summary>
    /// <returns>Whether it has succeeded.</returns>
    public async Task<bool> HasStartedAsync()
    {
        bool isOver = await Poll.UntilAsync(_startLimit, () => IsReady || _timer.HasExited);
        Assert.True(isOver, $"neither ready nor ended:\n{this}");
        return IsReady;
    }

    /// <summary>Runs a daemon that is expected to end by itself, for not longer than a start may take.</summary>
    public static async Task<CommandResult> RunAsync(string[] prefix, params string[] arguments)
    {
        await using ScannerProcess scanner = Launch(prefix, arguments);
        Stopwatch clock = Stopwatch.StartNew();
        bool ended = await Poll.UntilAsync(_startLimit, () => scanner._timer.HasExited || scanner.IsReady);
        Assert.True(ended && !scanner.IsReady, $"scannerd did not end:\n{scanner}");
        await scanner.Output.Completion;
        await scanner.Error.Completion;
        return new CommandResult(
            scanner._timer.ExitCode, scanner.Output.ToString(), scanner.Error.ToString(), clock.Elapsed);
    }

    public bool HasExited => _timer.HasExited;

    private bool IsReady =>
        Output.Lines.Contains("ready")
        || Output.Records.Any(record => record.GetProperty("type").GetString() == "ready");

    /// <summary>The worker's process id; waits for it, as there is none for a moment after a crash.</summary>
    public async Task<int> WorkerAsync()
    {
        int worker = 0;
        bool found = await Poll.UntilAsync(TimeSpan.FromSeconds(20), () =>
        {
            worker = TryFindWorker();
            return worker != 0;
        });
        Assert.True(found, $"no worker below supervisor {SupervisorId}:\n{this}");
        return worker;
    }

    /// <summary>Stops the daemon as a service manager would. Returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        Signals.Terminate(SupervisorId);
        return await ExitAsync();
    }

    /// <summary>Kills the supervisor, with which the worker ends.</summary>
    public async Task KillAsync()
    {
        int worker = await WorkerAsync();
        Signals.Kill(SupervisorId);
        bool ended = await Poll.UntilAsync(_killed, () => HasExited && !ProcessTable.IsAlive(worker));
        Assert.True(ended, $"the killed daemon is still there:\n{this}");
    }

    public async Task<int> ExitAsync()
    {
        bool ended = await Poll.UntilAsync(TimeSpan.FromSeconds(20), () => _timer.HasExited);
        Assert.True(ended, $"scannerd did not stop:\n{this}");
        return _timer.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        // Shown by the runner for failed tests only.
        TestContext.Current.TestOutputHelper?.WriteLine(ToString());
        IReadOnlyList<int> workers = SupervisorId == 0 ? [] : ProcessTable.ChildrenOf(SupervisorId);
        foreach (int pid in workers.Append(SupervisorId).Where(pid => pid > 1))
        {
            Signals.Kill(pid);
        }

        if (!_timer.HasExited)
        {
            await Task.WhenAny(_timer.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(2)));
            _timer.Kill();
        }

        _timer.Dispose();
    }

    public override string ToString() => $"--- scannerd's output\n{Output}\n--- scannerd's errors\n{Error}";

    private static ScannerProcess Launch(string[] prefix, string[] arguments)
    {
        Requirement.Daemon();
        string seconds = $"{(int)_lifetime.TotalSeconds}";

        // What one test's daemon keeps on disk is not for another's.
        string[] cache = arguments.Contains("--cache") || arguments.Contains("--state") ? [] : ["--cache", "memory"];
        ProcessStartInfo start = new(
            "timeout", ["--signal=KILL", seconds, .. prefix, Repository.Daemon, "watch", .. arguments, .. cache])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        ScannerProcess scanner = new(Process.Start(start)!);
        // timeout starts its child at once; a child that has already ended leaves its result with timeout.
        SpinWait.SpinUntil(() => scanner.FindSupervisor() || scanner._timer.HasExited, TimeSpan.FromSeconds(5));
        return scanner;
    }

    private bool FindSupervisor()
    {
        SupervisorId = ProcessTable.ChildrenOf(_timer.Id).FirstOrDefault();
        return SupervisorId != 0;
    }

    /// <summary>The worker's process id, or 0 if there is none at this moment.</summary>
    public int TryFindWorker() =>
        ProcessTable.ChildrenOf(SupervisorId)
            .FirstOrDefault(pid => ProcessTable.IsAlive(pid) && ProcessTable.CommandLine(pid).Contains("worker"));
}
