namespace Scanner.Core.Policy;

/// <summary>How long an event may wait: a base, more for large files, never more than a cap.</summary>
/// <param name="Base">For a file of any size.</param>
public readonly record struct DeadlineRule(TimeSpan Base)
{
    /// <summary>A second for each of these many bytes on top of the base.</summary>
    public const long BytesPerSecond = 20_000_000;

    /// <summary>The longest deadline, unless the base is longer.</summary>
    public static readonly TimeSpan Cap = TimeSpan.FromSeconds(60);

    /// <summary>The longest that an event may wait, and time to close down.</summary>
    public TimeSpan StopLimit => (Base > Cap ? Base : Cap) + TimeSpan.FromSeconds(5);

    /// <summary>Nanoseconds from the reading of an event to its deadline.</summary>
    /// <param name="size">The file's size in bytes.</param>
    public long NanosecondsFor(long size)
    {
        double seconds = Base.TotalSeconds + ((double)size / BytesPerSecond);
        double most = Math.Max(Base.TotalSeconds, Cap.TotalSeconds);
        return (long)(Math.Min(seconds, most) * 1e9);
    }
}
