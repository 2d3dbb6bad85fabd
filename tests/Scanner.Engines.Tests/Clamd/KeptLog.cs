using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Keeps what is logged.</summary>
internal sealed class KeptLog : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(int Id, string Text)> Lines { get; } = [];

    public int Count(int id) => Lines.Count(line => line.Id == id);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
    }
}
