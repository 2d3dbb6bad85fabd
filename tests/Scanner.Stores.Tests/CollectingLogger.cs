using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Scanner.Stores.Tests;

/// <summary>Remembers what was logged.</summary>
internal sealed class CollectingLogger : ILogger
{
    public ConcurrentQueue<(int Id, LogLevel Level, string Text)> Messages { get; } = [];

    public IEnumerable<string> Warnings =>
        Messages.Where(message => message.Level >= LogLevel.Warning).Select(message => message.Text);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Messages.Enqueue((eventId.Id, logLevel, $"{formatter(state, exception)} {exception}".TrimEnd()));
}
