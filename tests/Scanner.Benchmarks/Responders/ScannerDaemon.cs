using System.Text.Json;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Responders;

/// <summary><c>scannerd watch</c>: a supervisor, which was started, and its child, the worker.</summary>
internal sealed class ScannerDaemon : IResponder
{
    private static readonly TimeSpan RestartLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private ScannerDaemon(ChildProcess process) => Process = process;

    public ChildProcess Process { get; }

    public int ReaderId => FindWorker() ?? throw new BenchmarkException("scannerd has no worker");

    public IReadOnlyList<int> ProcessIds => [Process.Id, ReaderId];

    public static async Task<ScannerDaemon> StartAsync(
        string program, string directory, int? cpu, TimeSpan limit, CancellationToken cancellation) =>
        await StartAsync(
            [
                program, "watch", directory, "--json", "--profile", "strict", "--cache", "memory", "--no-kernel-marks",
            ],
            cpu,
            limit,
            cancellation);

    /// <summary>The same with a command line of one's own.</summary>
    public static async Task<ScannerDaemon> StartAsync(
        IReadOnlyList<string> command, int? cpu, TimeSpan limit, CancellationToken cancellation) =>
        new(await ChildProcess.StartAsync(command, cpu, limit, IsReady, cancellation));

    /// <summary>Kills the worker outright, as a crash would.</summary>
    /// <returns>The process that is gone.</returns>
    public int KillWorker()
    {
        int worker = ReaderId;
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(worker);
        process.Kill();
        return worker;
    }

    /// <summary>Waits until another worker is there.</summary>
    /// <exception cref="BenchmarkException">The supervisor started none.</exception>
    public async Task WaitForAnotherWorkerAsync(int killed, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(RestartLimit);
        try
        {
            while (FindWorker() is not int worker || worker == killed)
            {
                await Task.Delay(PollInterval, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchmarkException($"no new worker within {RestartLimit.TotalSeconds} s of the kill");
        }
    }

    /// <summary>Ends the daemon, which was started with <c>--json</c>.</summary>
    /// <returns>Its last line: the counters of all layers.</returns>
    /// <exception cref="BenchmarkException">It had ended before, or does not end.</exception>
    public async Task<JsonElement> StopAsync()
    {
        await Process.StopAsync();
        return Process.Find(line => IsOfType(line, "counters")) is string counters
            ? JsonElement.Parse(counters)
            : throw new BenchmarkException("scannerd printed no counters");
    }

    /// <summary>Fails if the daemon has denied something or could not scan it: nothing else makes it print.</summary>
    public void AssertAllWasClean()
    {
        if (Process.Find(line => IsOfType(line, "decision")) is string decision)
        {
            throw new BenchmarkException($"scannerd reported {decision}");
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static bool IsReady(string line) => line == "ready" || IsOfType(line, "ready");

    private static bool IsOfType(string line, string wanted)
    {
        if (!line.StartsWith('{'))
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("type", out JsonElement type) && type.ValueEquals(wanted);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private int? FindWorker()
    {
        foreach (int child in ProcessTree.ChildrenOf(Process.Id))
        {
            if (ProcessTree.Arguments(child).Contains("worker"))
            {
                return child;
            }
        }

        return null;
    }
}
