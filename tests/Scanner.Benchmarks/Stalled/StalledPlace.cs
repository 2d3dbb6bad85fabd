namespace Scanner.Benchmarks.Stalled;

/// <summary>Where the known files are that are opened.</summary>
internal enum StalledPlace
{
    /// <summary>In the group in which all others wait.</summary>
    Same,

    /// <summary>In another group.</summary>
    Other,

    /// <summary>In another group, while files of the first one are opened as well.</summary>
    OtherBesideSame,
}
