namespace Scanner.Stores.Tests;

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _now = 1;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public void Step(TimeSpan span) => Interlocked.Add(ref _now, span.Ticks);
}
