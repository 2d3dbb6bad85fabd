using System.Diagnostics;
using System.Globalization;

namespace Scanner.Benchmarks.Processes;

/// <summary>A program that runs beside the benchmark until it is told to stop.</summary>
/// <remarks>It runs under timeout(1), which kills it if this process no longer can.</remarks>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int LogLines = 40;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    private readonly Process _timeout;
    private readonly string _name;
    private readonly Queue<string> _log = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(string name, Process timeout)
    {
        _name = name;
        _timeout = timeout;
    }

    /// <summary>The program itself, not the timeout(1) around it.</summary>
    public int Id { get; private set; }

    /// <summary>Starts a program and waits for the line with which it says that it is ready.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cpu">The CPU that it and its children stay on; <c>null</c> for any.</param>
    /// <param name="limit">How long it may live.</param>
    /// <param name="isReady">Tells the line, on either stream; <c>null</c> for a program that prints none.</param>
    /// <param name="cancellation">Ends the wait and the program.</param>
    /// <exception cref="BenchmarkException">It ended, or was not ready in time.</exception>
    public static async Task<ChildProcess> StartAsync(
        IReadOnlyList<string> command,
        int? cpu,
        TimeSpan limit,
        Func<string, bool>? isReady,
        CancellationToken cancellation)
    {
        IReadOnlyList<string> pinned = cpu is int number
            ? ["taskset", "-c", number.ToString(CultureInfo.InvariantCulture), .. command]
            : command;
        ChildProcess child = new(Path.GetFileName(command[0]), Command.Start(Command.Limited(pinned, limit)));
        try
        {
            await child.WaitUntilReadyAsync(isReady, cancellation);
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Fails if the program is no longer there: what was measured then was something else.</summary>
    public void AssertRunning()
    {
        if (_timeout.HasExited)
        {
            throw new BenchmarkException($"{_name} ended by itself with status {_timeout.ExitCode}\n{Log()}");
        }
    }

    /// <summary>Asks the program to end, and waits until it has.</summary>
    /// <exception cref="BenchmarkException">It had ended before, or does not end.</exception>
    public async Task StopAsync(string signal = "TERM")
    {
        AssertRunning();
        await Command.SignalAsync(Id, signal);
        try
        {
            await _timeout.WaitForExitAsync().WaitAsync(StopLimit);
        }
        catch (TimeoutException)
        {
            throw new BenchmarkException(
                $"{_name} did not end within {StopLimit.TotalSeconds} s of SIG{signal}\n{Log()}");
        }
    }

    /// <summary>The first line among the last that it printed.</summary>
    public string? Find(Func<string, bool> isIt)
    {
        lock (_log)
        {
            return _log.FirstOrDefault(isIt);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_timeout.HasExited)
        {
            _timeout.Kill(entireProcessTree: true);
            await _timeout.WaitForExitAsync();
        }

        _timeout.Dispose();
    }

    private async Task WaitUntilReadyAsync(Func<string, bool>? isReady, CancellationToken cancellation)
    {
        _timeout.EnableRaisingEvents = true;
        _timeout.Exited += (_, _) =>
            _ready.TrySetException(new BenchmarkException($"{_name} ended before it was ready"));
        _timeout.OutputDataReceived += (_, line) => Take(line.Data, isReady);
        _timeout.ErrorDataReceived += (_, line) => Take(line.Data, isReady);
        _timeout.StandardInput.Close();
        _timeout.BeginOutputReadLine();
        _timeout.BeginErrorReadLine();
        try
        {
            if (isReady is not null)
            {
                await _ready.Task.WaitAsync(StartLimit, cancellation);
            }

            Id = await FindProgramAsync(cancellation).WaitAsync(StartLimit, cancellation);
        }
        catch (Exception error) when (error is BenchmarkException or TimeoutException)
        {
            throw new BenchmarkException($"{_name}: {error.Message}\n{Log()}");
        }
    }

    private async Task<int> FindProgramAsync(CancellationToken cancellation)
    {
        while (true)
        {
            AssertRunning();
            if (ProcessTree.ChildrenOf(_timeout.Id) is [int child])
            {
                return child;
            }

            await Task.Delay(PollInterval, cancellation);
        }
    }

    private void Take(string? line, Func<string, bool>? isReady)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.Enqueue(line);
            if (_log.Count > LogLines)
            {
                _log.Dequeue();
            }
        }

        if (isReady?.Invoke(line) == true)
        {
            _ready.TrySetResult();
        }
    }

    private string Log()
    {
        lock (_log)
        {
            return string.Join('\n', _log.Select(line => $"  {_name}: {line}"));
        }
    }
}
