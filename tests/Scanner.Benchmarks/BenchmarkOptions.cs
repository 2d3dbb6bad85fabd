namespace Scanner.Benchmarks;

/// <summary>What the command line asked for.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>Rounds, in each of which every cell is measured once. Default 5, quick 2; at least 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>Shorter measurements, to see whether everything works rather than how fast it is.</summary>
    public required bool Quick { get; init; }

    /// <summary>The daemon to measure; <c>null</c> for the one that was built from this checkout.</summary>
    public string? Scannerd { get; init; }

    /// <summary>Where the numbers go as JSON; <c>null</c> for nowhere.</summary>
    public string? JsonFile { get; init; }

    /// <summary>How long one cell is measured.</summary>
    public TimeSpan CellTime => TimeSpan.FromSeconds(Quick ? 0.2 : 0.5);

    /// <summary>Openers at a time.</summary>
    public static IReadOnlyList<int> OpenerCounts => [1, 4, 16];

    /// <summary>How often a worker is killed.</summary>
    public int Kills => Quick ? 2 : 5;

    /// <summary>Opens during which system calls are counted.</summary>
    public int TracedOpens => Quick ? 2_000 : 10_000;
}
