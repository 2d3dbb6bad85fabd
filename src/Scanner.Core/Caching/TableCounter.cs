namespace Scanner.Core.Caching;

/// <summary>What a verdict table counts.</summary>
internal enum TableCounter
{
    /// <summary>Look-ups that found the verdict.</summary>
    Hit,

    /// <summary>Look-ups of a file on which nothing is kept, or whose entry was just being written.</summary>
    Miss,

    /// <summary>Look-ups that found a verdict on another version of the file.</summary>
    VersionChanged,

    /// <summary>Look-ups that found a verdict of another epoch on the same version.</summary>
    OtherEpoch,

    /// <summary>Look-ups that were not made, because somebody may be writing the file.</summary>
    Writer,

    /// <summary>Verdicts not kept: their file, or one that shares its counter, was forgotten meanwhile.</summary>
    StaleStamp,

    /// <summary>Verdicts that left to make room.</summary>
    Evicted,
}
