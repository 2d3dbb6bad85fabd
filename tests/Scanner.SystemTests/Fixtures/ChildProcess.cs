using System.Diagnostics;

namespace Scanner.SystemTests.Fixtures;

/// <summary>A child that is killed by its process id when its time is over or when it is disposed.</summary>
/// <remarks>
/// Whoever waits for a permission event is in an uninterruptible sleep that only SIGKILL ends, so there is no gentler
/// first step. The whole time is bounded here and not by the caller, because a forgotten bound hangs the test run.
/// </remarks>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly CancellationTokenSource _timer;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Task<string> _error;

    private ChildProcess(Process process, TimeSpan limit)
    {
        _process = process;
        _timer = new CancellationTokenSource(limit);
        _timer.Token.Register(Kill);
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(TimeSpan limit, byte[]? input, string program, IEnumerable<string> arguments)
    {
        ChildProcess child = StartListening(limit, program, arguments);
        try
        {
            child._process.StandardInput.BaseStream.Write(input ?? []);
            child._process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its result says why.
        }

        return child;
    }

    /// <summary>As <see cref="Start"/>, for one that is told what to do while it runs.</summary>
    public static ChildProcess StartListening(TimeSpan limit, string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        return new ChildProcess(Process.Start(start)!, limit);
    }

    /// <summary>Tells one that listens.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public static async Task<CommandResult> RunAsync(string program, params string[] arguments)
    {
        using ChildProcess child = Start(TimeSpan.FromSeconds(30), null, program, arguments);
        return await child.ResultAsync();
    }

    /// <summary>As <see cref="RunAsync"/>; it must succeed.</summary>
    public static async Task MustAsync(string program, params string[] arguments) =>
        (await RunAsync(program, arguments)).AssertSucceeded();

    /// <summary>The next line of output, or null at its end.</summary>
    public async Task<string?> ReadLineAsync() => await _process.StandardOutput.ReadLineAsync();

    public async Task<CommandResult> ResultAsync()
    {
        string output = await _process.StandardOutput.ReadToEndAsync();
        string error = await _error;
        await _process.WaitForExitAsync();
        return new CommandResult(_process.ExitCode, output, error, _clock.Elapsed);
    }

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        Kill();
        _process.Dispose();
    }
}
