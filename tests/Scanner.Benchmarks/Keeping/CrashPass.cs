using System.Diagnostics;
using Scanner.Benchmarks.Clamd;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Keeping;

/// <summary>A worker is killed while many opens wait for a scan.</summary>
internal sealed class CrashPass(NativeTools tools, ScratchMount mount, ClamdServer clamd, int opens)
{
    /// <summary>So few of each user that none has a crowd, which would be cut down.</summary>
    private const int OpensOfAUser = 25;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <returns>Milliseconds from the kill until all of them are answered, by scans.</returns>
    public async Task<double> RunAsync(int round, CancellationToken cancellation)
    {
        string directory = Directory.CreateDirectory(Path.Combine(mount.WatchedDirectory, $"pending{round}")).FullName;
        for (int i = 0; i < opens; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, $"{i}"), $"round {round}, file {i}", cancellation);
        }

        await using ScannerDaemon daemon = await ScannerDaemon.StartAsync(
            [
                tools.Scannerd!, "watch", mount.WatchedDirectory, "--json", "--profile", "strict", "--cache", "none",
                "--engine", $"clamd:{clamd.SocketPath}", "--deadline", "60s",
            ],
            null,
            s_limit,
            cancellation);

        // It takes requests and does not answer them, as if each took long.
        await Command.RunAsync(["kill", "-STOP", $"{clamd.ProcessId}"], s_limit, cancellation);
        try
        {
            TaskCompletionSource<long> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using ChildProcess openers = await ChildProcess.StartAsync(
                [tools.PendingOpens, $"{opens}", $"{(opens + OpensOfAUser - 1) / OpensOfAUser}", directory],
                cpu: null,
                s_limit,
                line => Note(line, answered),
                cancellation);
            long killed = Stopwatch.GetTimestamp();
            daemon.KillWorker();
            await Command.RunAsync(["kill", "-CONT", $"{clamd.ProcessId}"], s_limit, cancellation);
            long end = await answered.Task.WaitAsync(s_limit, cancellation);
            await openers.StopAsync("KILL");
            daemon.AssertAllWasClean();
            return Stopwatch.GetElapsedTime(killed, end).TotalMilliseconds;
        }
        finally
        {
            await Command.RunAsync(["kill", "-CONT", $"{clamd.ProcessId}"], s_limit, CancellationToken.None);
        }
    }

    private bool Note(string line, TaskCompletionSource<long> answered)
    {
        if (line == $"answered {opens}")
        {
            answered.TrySetResult(Stopwatch.GetTimestamp());
        }

        return line == "ready";
    }
}
