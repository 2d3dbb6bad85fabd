namespace Scanner.Benchmarks.Clamd;

/// <summary>What the command line asked for.</summary>
internal sealed record ClamdOptions
{
    /// <summary>Rounds, in each of which every cell is measured once. Default 3; at least 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>Files that are opened in one cell, each once. Default 5,000; at least 100.</summary>
    public required int Files { get; init; }

    /// <summary>Scans in the memory pass, after a fifth of which the first reading is taken; 0 for none.</summary>
    public required int MemoryScans { get; init; }

    /// <summary>The daemon to measure; <c>null</c> for the one that was built from this checkout.</summary>
    public string? Scannerd { get; init; }

    /// <summary>Where the numbers go as JSON; <c>null</c> for nowhere.</summary>
    public string? JsonFile { get; init; }

    public static IReadOnlyList<int> OpenerCounts => [1, 4, 16];
}
