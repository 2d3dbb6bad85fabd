using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Scanner.Testing.Clamd;

/// <summary>A real clamd of a test's own: own socket, own database, own directory, ended when disposed.</summary>
/// <remarks>
/// Runs in the foreground as a child of the test, so nothing but the test's own process is ever signalled. A start that
/// fails throws with what clamd said; <see cref="Log"/> is for tests that fail later.
/// </remarks>
public sealed class ClamdServer : IAsyncDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    private readonly StringBuilder _output = new();
    private Process? _process;

    private ClamdServer(ClamdServerOptions options)
    {
        Options = options;

        // Not CreateTempSubdirectory: unprivileged clients have to get in.
        Root = Path.Combine(Path.GetTempPath(), $"scanner-clamd-{Guid.NewGuid():N}"[..24]);
        Directory.CreateDirectory(Root);
        DatabaseDirectory = Directory.CreateDirectory(Path.Combine(options.DataDirectory ?? Root, "database")).FullName;
        TemporaryDirectory =
            Directory.CreateDirectory(Path.Combine(options.DataDirectory ?? Root, "temporary")).FullName;
        FilesDirectory = Directory.CreateDirectory(Path.Combine(Root, "files")).FullName;
        ClamdSamples.WriteDatabase(DatabaseDirectory);
    }

    public ClamdServerOptions Options { get; }

    /// <summary>The directory that holds everything of this server.</summary>
    public string Root { get; }

    public string SocketPath => Path.Combine(Root, "clamd.sock");

    public string ConfigurationPath => Path.Combine(Root, "clamd.conf");

    public string DatabaseDirectory { get; }

    public string TemporaryDirectory { get; }

    /// <summary>Room for a test's files.</summary>
    public string FilesDirectory { get; }

    /// <exception cref="InvalidOperationException">The server does not run.</exception>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("clamd does not run.");

    /// <summary>The processor time that the running server has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>clamd's log and what it printed.</summary>
    public string Log
    {
        get
        {
            string path = Path.Combine(Root, "clamd.log");
            string log = File.Exists(path) ? File.ReadAllText(path) : "";
            lock (_output)
            {
                return $"{log}{_output}";
            }
        }
    }

    /// <summary>Where clamd is; <c>null</c> if it is not installed.</summary>
    public static string? Program =>
        ((string[])["/usr/sbin/clamd", "/usr/bin/clamd", "/usr/local/sbin/clamd"]).FirstOrDefault(File.Exists);

    /// <summary>
    /// Starts a server and waits until it answers; skips the calling test where clamd is not installed.
    /// </summary>
    public static async Task<ClamdServer> StartAsync(Action<ClamdServerOptions>? configure = null)
    {
        ClamdServer server = Prepare(configure);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes directory, database and configuration, but does not start clamd yet.</summary>
    public static ClamdServer Prepare(Action<ClamdServerOptions>? configure = null)
    {
        if (Program is null)
        {
            Requires.Lacking("needs clamd (Debian: clamav-daemon)");
        }

        ClamdServerOptions options = new();
        configure?.Invoke(options);
        return new ClamdServer(options);
    }

    /// <summary>
    /// Starts clamd with the present options, after <see cref="Prepare"/> or <see cref="KillAsync"/>.
    /// </summary>
    public Task StartAgainAsync()
    {
        WriteConfiguration();
        return StartConfiguredAsync();
    }

    /// <summary>As <see cref="StartAgainAsync"/>, with the configuration as it was last written.</summary>
    public Task StartConfiguredAsync() => RunAsync(Program!, [$"--config-file={ConfigurationPath}"]);

    /// <summary>
    /// As <see cref="StartAgainAsync"/>, but somebody else makes the socket and becomes clamd with the first
    /// connection.
    /// </summary>
    public Task StartActivatedAsync()
    {
        WriteConfiguration();
        return RunAsync(
            "/usr/bin/systemd-socket-activate",
            [$"--listen={SocketPath}", Program!, $"--config-file={ConfigurationPath}"]);
    }

    /// <summary>SIGSTOP: the socket still takes connections and bytes, and nobody answers.</summary>
    public void Stop() => ClamdSignals.Stop(ProcessId);

    public void Continue() => ClamdSignals.Continue(ProcessId);

    /// <summary>SIGKILL, and waits for the end. The socket stays in the file system and refuses connections.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            ClamdSignals.Kill(_process.Id);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _process = null;
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAgainAsync();
    }

    /// <summary>Has clamd load its database again; returns before it has.</summary>
    public Task ReloadAsync() => AskAsync("RELOAD");

    /// <summary>Sends one command on a connection of its own and returns all of the reply.</summary>
    /// <exception cref="SocketException">clamd does not take the connection.</exception>
    public async Task<string> AskAsync(string command)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"z{command}\0"));
        using NetworkStream stream = new(socket);
        using StreamReader reader = new(stream);
        return (await reader.ReadToEndAsync()).TrimEnd('\0');
    }

    /// <summary>Writes a file below <see cref="FilesDirectory"/>.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Path.Combine(FilesDirectory, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Writes clamd.conf, for a clamd that somebody else starts.</summary>
    public void WriteConfiguration()
    {
        List<string> lines =
        [
            $"LocalSocket {SocketPath}",
            "LocalSocketMode 666",
            "FixStaleSocket yes",
            $"DatabaseDirectory {DatabaseDirectory}",
            $"TemporaryDirectory {TemporaryDirectory}",
            $"LogFile {Path.Combine(Root, "clamd.log")}",
            "LogTime yes",
            "Foreground yes",
            "User root",
            $"ConcurrentDatabaseReload {(Options.ConcurrentReload ? "yes" : "no")}",
            $"MaxThreads {Options.MaxThreads}",
            $"MaxQueue {Options.MaxQueue}",
            .. Options.MaxFileSize is { } file ? [$"MaxFileSize {file}"] : (string[])[],
            .. Options.MaxScanSize is { } scan ? [$"MaxScanSize {scan}"] : (string[])[],
            .. Options.MoreLines,
        ];
        File.WriteAllLines(ConfigurationPath, lines);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Root, recursive: true);
    }

    private async Task RunAsync(string program, IReadOnlyList<string> arguments)
    {
        Process process = new()
        {
            StartInfo = new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = "/",
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await WaitUntilReadyAsync();
    }

    private async Task WaitUntilReadyAsync()
    {
        Stopwatch time = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (_process!.HasExited || time.Elapsed > s_startLimit)
            {
                throw new InvalidOperationException($"clamd did not start:\n{Log}");
            }

            await Task.Delay(20);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return await AskAsync("PING") == "PONG";
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
