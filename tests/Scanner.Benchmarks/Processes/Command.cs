using System.Diagnostics;
using System.Globalization;

namespace Scanner.Benchmarks.Processes;

/// <summary>Runs a program to its end.</summary>
internal static class Command
{
    /// <summary>
    /// Runs a program under timeout(1), so that it ends even if this process does not live that long.
    /// </summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="BenchmarkException">It is not there, failed, or took longer than the limit.</exception>
    public static async Task<string> RunAsync(
        IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellation)
    {
        using Process process = Start(Limited(command, limit));
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? await output
                : throw new BenchmarkException(
                    $"{string.Join(' ', command.Take(4))}: exit status {process.ExitCode}: {(await errors).Trim()}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Sends a signal, by number of the process and never by name.</summary>
    public static Task SignalAsync(int processId, string signal) =>
        RunAsync(
            ["sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, processId.ToString(CultureInfo.InvariantCulture)],
            TimeSpan.FromSeconds(10),
            CancellationToken.None);

    /// <summary>Whether a program is installed.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(directory => File.Exists(Path.Combine(directory, program)));

    /// <summary>The command, killed after the limit.</summary>
    /// <remarks>SIGKILL is the only signal that ends a process which waits for itself.</remarks>
    public static IReadOnlyList<string> Limited(IReadOnlyList<string> command, TimeSpan limit) =>
        ["timeout", "-s", "KILL", limit.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture), .. command];

    /// <summary>Starts a program with all three standard streams redirected.</summary>
    public static Process Start(IReadOnlyList<string> command)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new BenchmarkException($"{command[0]} did not start");
    }
}
