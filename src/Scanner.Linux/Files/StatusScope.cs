namespace Scanner.Linux.Files;

/// <summary>Whether statx(2) may ask the server of a network or FUSE file system, and so wait for it.</summary>
public enum StatusScope
{
    /// <summary>AT_STATX_DONT_SYNC: what is in memory. Local file systems are exact either way.</summary>
    Cached,

    /// <summary>AT_STATX_SYNC_AS_STAT: may block for as long as a server likes.</summary>
    Current,
}
