using System.Diagnostics;
using System.Security.Cryptography;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Clamd;

/// <summary>
/// A clamd of the benchmark's own, with a database of one signature, so that a scan costs what it must.
/// </summary>
/// <remarks>Its threads do not end for being idle: the CPU time of a thread that has ended is lost.</remarks>
internal sealed class ClamdServer : IAsyncDisposable
{
    public const string Program = "/usr/sbin/clamd";

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Between its files' change and its start. scannerd wants a second to be sure that clamd has loaded them as they
    /// are, and until it is, keeps no verdict.
    /// </summary>
    private static readonly TimeSpan FileAge = TimeSpan.FromSeconds(1.5);

    private readonly string _directory;
    private ChildProcess? _process;

    private ClamdServer(string directory) => _directory = directory;

    /// <summary>The only content that its database knows.</summary>
    public static byte[] Infected { get; } = [.. Enumerable.Range(0, 600).Select(i => (byte)('a' + (i % 26)))];

    public string SocketPath => Path.Combine(_directory, "clamd.sock");

    public int ProcessId => _process!.Id;

    /// <param name="directory">Not on the watched file system. The caller deletes it.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    public static async Task<ClamdServer> StartAsync(string directory, CancellationToken cancellation)
    {
        if (!File.Exists(Program))
        {
            throw new BenchmarkException($"{Program} is not installed (Debian: clamav-daemon)");
        }

        ClamdServer server = new(directory);
        try
        {
            string configuration = server.WriteConfiguration();
            await Task.Delay(FileAge, cancellation);
            server._process = await ChildProcess.StartAsync(
                [Program, $"--config-file={configuration}"], null, Lifetime, isReady: null, cancellation);
            await server.WaitForSocketAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The configuration of clamonacc, which reads a clamd.conf of its own.</summary>
    /// <param name="includePaths">What it watches, without the directories below.</param>
    public string WriteOnAccessConfiguration(params IReadOnlyList<string> includePaths)
    {
        string path = Path.Combine(_directory, "clamonacc.conf");
        File.WriteAllLines(
            path,
            [
                $"LocalSocket {SocketPath}",
                "OnAccessPrevention yes",
                .. includePaths.Select(path => $"OnAccessIncludePath {path}"),
                "OnAccessDisableDDD yes",
                "OnAccessExtraScanning no",

                // clamonacc wants some user to be left out, meant for clamd's; nobody runs as this one here.
                "OnAccessExcludeUname daemon",
            ]);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private string WriteConfiguration()
    {
        string database = Directory.CreateDirectory(Path.Combine(_directory, "database")).FullName;
        string temporary = Directory.CreateDirectory(Path.Combine(_directory, "temporary")).FullName;
#pragma warning disable CA5351 // The format's own hash (clamav, hash signatures); nothing is protected by it here.
        string hash = Convert.ToHexStringLower(MD5.HashData(Infected));
#pragma warning restore CA5351
        File.WriteAllText(Path.Combine(database, "bench.hdb"), $"{hash}:{Infected.Length}:Bench.Infected\n");
        string path = Path.Combine(_directory, "clamd.conf");
        File.WriteAllLines(
            path,
            [
                $"LocalSocket {SocketPath}",
                $"DatabaseDirectory {database}",
                $"TemporaryDirectory {temporary}",
                "Foreground yes",
                "User root",
                "IdleTimeout 3600",
            ]);
        return path;
    }

    private async Task WaitForSocketAsync(CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!File.Exists(SocketPath))
        {
            _process!.AssertRunning();
            if (clock.Elapsed > StartLimit)
            {
                throw new BenchmarkException("clamd does not listen");
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }
}
