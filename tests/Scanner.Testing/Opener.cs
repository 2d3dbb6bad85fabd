using System.Diagnostics;

namespace Scanner.Testing;

/// <summary>
/// A child process that opens a watched file, so that the test itself never waits for its own answer.
/// </summary>
public sealed class Opener : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private Opener(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int ProcessId => _process.Id;

    /// <summary>Opens the file and prints what it holds.</summary>
    public static Opener Cat(string path) => Start("/bin/cat", path);

    public static Opener Start(string program, params IReadOnlyList<string> arguments) =>
        new(Process.Start(new ProcessStartInfo(program, arguments)
        {
            // Not below a marked file system, and messages in one language.
            WorkingDirectory = "/",
            Environment = { ["LC_ALL"] = "C" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Whether the process ends within a time.</summary>
    public bool EndsWithin(int milliseconds) => _process.WaitForExit(milliseconds);

    /// <summary>Waits for the end.</summary>
    /// <exception cref="TimeoutException">It did not end within 10 s.</exception>
    public OpenerResult Result()
    {
        if (!_process.WaitForExit(10_000))
        {
            throw new TimeoutException($"Process {ProcessId} still waits.");
        }

        return new OpenerResult(_process.ExitCode, _output.GetAwaiter().GetResult(), _errors.GetAwaiter().GetResult());
    }

    /// <summary>Ends a process that still runs; SIGKILL ends it also while it waits for an answer.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
