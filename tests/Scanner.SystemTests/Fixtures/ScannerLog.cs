using System.Text.Json;

namespace Scanner.SystemTests.Fixtures;

/// <summary>Reads one output stream of the daemon line by line and keeps the newest lines.</summary>
internal sealed class ScannerLog
{
    private const int Kept = 20_000;

    private readonly Queue<string> _lines = new();
    private readonly SemaphoreSlim _mayRead = new(1, 1);

    public ScannerLog(StreamReader reader) => Completion = ReadAsync(reader);

    /// <summary>Every line, as it is read; for those who want more of them than are kept.</summary>
    public event Action<string>? LineRead;

    /// <summary>Done when the last process that holds the stream has closed it.</summary>
    public Task Completion { get; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public IReadOnlyList<JsonElement> Records =>
        [.. Lines.Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Stops reading, so that the pipe fills and blocks whoever writes to it.</summary>
    public Task PauseAsync() => _mayRead.WaitAsync();

    public void Resume() => _mayRead.Release();

    public override string ToString() => string.Join('\n', Lines.TakeLast(100));

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is string line)
        {
            await _mayRead.WaitAsync();
            lock (_lines)
            {
                _lines.Enqueue(line);
                if (_lines.Count > Kept)
                {
                    _lines.Dequeue();
                }
            }

            LineRead?.Invoke(line);
            _mayRead.Release();
        }
    }
}
