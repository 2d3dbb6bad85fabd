namespace Scanner.Linux.Probing;

/// <summary>Whether the system offers something.</summary>
public enum FindingStatus
{
    Available,
    Missing,

    /// <summary>It could not be found out.</summary>
    Unknown,
}
