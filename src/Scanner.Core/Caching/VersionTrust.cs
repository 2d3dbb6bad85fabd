namespace Scanner.Core.Caching;

/// <summary>What a kept verdict on a file of a file system may be found by.</summary>
public enum VersionTrust
{
    /// <summary>
    /// Nothing: a server or a FUSE process delivers the content, and it may be another one at each read.
    /// </summary>
    None,

    /// <summary>The content's digest only: a lease or the change time does not tell of every writer.</summary>
    Content,

    /// <summary>The file version, under a lease.</summary>
    Version,
}
