using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Stalled;

/// <summary>A server in clamd's place that never comes to an end with files of one user.</summary>
/// <remarks>
/// It is called clamd, and has a configuration and a database that were there before it started: only so is it certain
/// which signatures it answers from, and verdicts are kept.
/// </remarks>
internal sealed class StalledEngine : IAsyncDisposable
{
    /// <summary>Whose files take for ever.</summary>
    public const int SlowUser = 60_001;

    /// <summary>clamd's default.</summary>
    private const string Threads = "10";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>By which a file counts as older than a process; and a moment more.</summary>
    private static readonly TimeSpan StartSlack = TimeSpan.FromSeconds(1.5);

    private readonly ChildProcess _process;

    private StalledEngine(string socketPath, ChildProcess process)
    {
        SocketPath = socketPath;
        _process = process;
    }

    public string SocketPath { get; }

    /// <param name="program">The native fake_clamd.</param>
    /// <param name="directory">Empty, and not watched.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    public static async Task<StalledEngine> StartAsync(
        string program, string directory, CancellationToken cancellation)
    {
        string clamd = Path.Combine(directory, "clamd");
        File.Copy(program, clamd);
        string database = Directory.CreateDirectory(Path.Combine(directory, "database")).FullName;
        string configuration = Path.Combine(directory, "clamd.conf");
        await File.WriteAllTextAsync(configuration, $"DatabaseDirectory {database}\n", cancellation);
        await Task.Delay(StartSlack, cancellation);

        string socket = Path.Combine(directory, "clamd.sock");
        string delay = $"{(long)Lifetime.TotalMilliseconds}";
        return new StalledEngine(socket, await ChildProcess.StartAsync(
            [clamd, socket, "slow-uid", delay, Threads, $"{SlowUser}", $"--config-file={configuration}"],
            cpu: null,
            Lifetime,
            line => line == "ready",
            cancellation));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
