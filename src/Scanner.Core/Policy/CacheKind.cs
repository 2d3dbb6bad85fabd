namespace Scanner.Core.Policy;

/// <summary>Where verdicts are kept.</summary>
public enum CacheKind
{
    /// <summary>In memory, and on disk for the next start.</summary>
    Disk,

    /// <summary>In memory only.</summary>
    Memory,

    /// <summary>Nowhere: every open has the file scanned.</summary>
    None,
}
