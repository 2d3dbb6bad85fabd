namespace Scanner.Core.Caching;

/// <summary>What a verdict store has done since it was opened.</summary>
/// <remarks>Each number is exact; together they are not of one moment.</remarks>
public readonly record struct VerdictStoreCounters
{
    /// <summary>Look-ups answered with a verdict.</summary>
    public long Hits { get; init; }

    /// <summary>Look-ups that found nothing, or could not look.</summary>
    public long Misses { get; init; }

    /// <summary>Look-ups that found a verdict on another version of the file.</summary>
    public long RefusedVersion { get; init; }

    /// <summary>Look-ups that found a verdict of another epoch.</summary>
    public long RefusedEpoch { get; init; }

    /// <summary>Verdicts written.</summary>
    public long Kept { get; init; }

    /// <summary>Verdicts and forgettings not taken, because too many waited or the store was given up.</summary>
    public long Dropped { get; init; }

    /// <summary>Verdicts that made room for newer ones.</summary>
    public long Evicted { get; init; }

    /// <summary>Verdicts removed because their epoch was over.</summary>
    public long Outdated { get; init; }

    /// <summary>Verdicts and forgettings lost because they could not be written.</summary>
    public long WriteErrors { get; init; }
}
