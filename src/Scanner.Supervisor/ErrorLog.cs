using System.Collections.Concurrent;
using System.Text;

namespace Scanner.Supervisor;

/// <summary>Says on standard error what happens, and never waits for it or fails by it.</summary>
/// <remarks>
/// A disk that is full, or a pipe that nobody reads, must end neither protection nor the process that keeps it: a
/// thread of its own writes, and what it cannot write is lost.
/// </remarks>
internal sealed class ErrorLog : IDisposable
{
    private const int QueueLength = 64;

    /// <summary>How long the last lines may take at the end.</summary>
    private static readonly TimeSpan s_closingTime = TimeSpan.FromMilliseconds(500);

    private readonly BlockingCollection<string> _lines = new(QueueLength);
    private readonly Thread _thread;

    public ErrorLog()
    {
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "errors", IsBackground = true };
        _thread.Start();
    }

    public void Write(string line) => _ = _lines.TryAdd($"scannerd: {line}\n");

    public void Dispose()
    {
        _lines.CompleteAdding();
        _ = _thread.Join(s_closingTime);
    }

    private void Run()
    {
        using Stream output = Open();
        foreach (string line in _lines.GetConsumingEnumerable())
        {
            try
            {
                output.Write(Encoding.UTF8.GetBytes(line));
            }
            catch (Exception error) when (IsExpected(error))
            {
                // Nowhere to say so.
            }
        }
    }

    private static Stream Open()
    {
        try
        {
            return Console.OpenStandardError();
        }
        catch (Exception error) when (IsExpected(error))
        {
            return Stream.Null;
        }
    }

    /// <remarks>Where a descriptor is closed, or only for reading, the framework throws the other one.</remarks>
    private static bool IsExpected(Exception error) => error is IOException or UnauthorizedAccessException;
}
