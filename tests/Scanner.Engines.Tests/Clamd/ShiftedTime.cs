namespace Scanner.Engines.Tests.Clamd;

/// <summary>The system's clock, of which hours can be skipped.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long _skipped;

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _skipped);

    public void Skip(TimeSpan time) =>
        Interlocked.Add(ref _skipped, (long)(time.TotalSeconds * TimestampFrequency));
}
