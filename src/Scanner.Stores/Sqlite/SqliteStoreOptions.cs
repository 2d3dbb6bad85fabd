namespace Scanner.Stores.Sqlite;

/// <summary>Where and how verdicts are kept.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The directory, absolute and without symbolic links; created if it is missing, its parent is not.</summary>
    public required string Directory { get; init; }

    /// <summary>Verdicts on files; the oldest leave first. Default 1,000,000; 1 to 100,000,000.</summary>
    public long MaxFiles { get; init; } = 1_000_000;

    /// <summary>Verdicts on contents; the oldest leave first. Default 200,000; 1 to 100,000,000.</summary>
    public long MaxContents { get; init; } = 200_000;

    /// <summary>Verdicts and forgettings that may wait to be written. Default 16,384 (about 3 MB); at least 1.</summary>
    public int QueueCapacity { get; init; } = 16_384;

    /// <summary>How long the first of a batch waits for others. Default 250 ms; 1 ms to 500 ms.</summary>
    public TimeSpan WriteDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Look-ups at a time; further ones wait about a millisecond and then find nothing. Default 8; 1 to 64.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>How long only one epoch must have been kept until others are removed. Default 60 s; 0 and more.</summary>
    public TimeSpan SweepDelay { get; init; } = TimeSpan.FromSeconds(60);
}
