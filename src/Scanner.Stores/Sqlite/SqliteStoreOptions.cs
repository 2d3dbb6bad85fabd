namespace Scanner.Stores.Sqlite;

/// <summary>Where and how verdicts are kept.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The directory: absolute, no symbolic links. Created if it is missing, its parent is not.</summary>
    public required string Directory { get; init; }

    /// <summary>Verdicts on files; the oldest leave first. Default 1,000,000; 1 to 100,000,000.</summary>
    public long MaxFiles { get; init; } = 1_000_000;

    /// <summary>Verdicts on contents; the oldest leave first. Default 200,000; 1 to 100,000,000.</summary>
    public long MaxContents { get; init; } = 200_000;

    /// <summary>Entries that may wait to be written. Default 16,384 (about 3 MB); at least 1.</summary>
    public int QueueCapacity { get; init; } = 16_384;

    /// <summary>How long the first of a batch waits for others. Default 250 ms; 1 ms to 500 ms.</summary>
    public TimeSpan WriteDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Look-ups at a time; further ones find nothing after a millisecond. Default 8; 1 to 64.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>How long an epoch must have been the only one until others go. Default 60 s; 0 or more.</summary>
    public TimeSpan SweepDelay { get; init; } = TimeSpan.FromSeconds(60);

    internal void Validate()
    {
        InRange(MaxFiles, 1, 100_000_000, nameof(MaxFiles));
        InRange(MaxContents, 1, 100_000_000, nameof(MaxContents));
        InRange(QueueCapacity, 1, int.MaxValue, nameof(QueueCapacity));
        InRange((long)WriteDelay.TotalMilliseconds, 1, 500, nameof(WriteDelay));
        InRange(Readers, 1, 64, nameof(Readers));
        ArgumentOutOfRangeException.ThrowIfLessThan(SweepDelay, TimeSpan.Zero, nameof(SweepDelay));
    }

    private static void InRange(long value, long least, long most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }
}
