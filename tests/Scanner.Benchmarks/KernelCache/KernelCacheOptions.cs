namespace Scanner.Benchmarks.KernelCache;

/// <summary>What the command line of one of these benchmarks asked for.</summary>
internal sealed record KernelCacheOptions
{
    /// <summary>Rounds, in each of which everything is measured once. At least 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>How many files there are. At least 100.</summary>
    public required int Files { get; init; }

    /// <summary>Whether it shall be seen that everything works rather than how fast it is.</summary>
    public required bool Quick { get; init; }

    /// <summary>The daemon to measure; <c>null</c> for the one that was built from this checkout.</summary>
    public string? Scannerd { get; init; }

    /// <summary>Where the numbers go as JSON; <c>null</c> for nowhere.</summary>
    public string? JsonFile { get; init; }
}
