namespace Scanner.Core.Tests.Fixtures;

/// <summary>A clock that stands where it is put.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
