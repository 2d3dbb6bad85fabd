namespace Scanner.Stores.Sqlite;

/// <summary>How a look-up ended.</summary>
internal enum LookUp
{
    Hit,
    Miss,
    OtherVersion,
    OtherEpoch,

    /// <summary>It could not look just now.</summary>
    Failed,

    /// <summary>What it found cannot be what was written.</summary>
    Damaged,
}
