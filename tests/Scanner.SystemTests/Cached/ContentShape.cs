namespace Scanner.SystemTests.Cached;

/// <summary>What a file's clean content has in common with the infected one.</summary>
internal enum ContentShape
{
    /// <summary>Its length and nothing else.</summary>
    Different,

    /// <summary>It is the beginning.</summary>
    Beginning,

    /// <summary>All but the last block, which is zeros in the infected one.</summary>
    AllButTheLastBlock,
}
