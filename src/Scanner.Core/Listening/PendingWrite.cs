using Scanner.Core.Caching;
using Scanner.Linux.Files;

namespace Scanner.Core.Listening;

/// <summary>A file that was written and will be scanned.</summary>
internal sealed class PendingWrite(WatchedGroup group, FileIdentity file, FileHandle handle, long now)
{
    public WatchedGroup Group => group;

    public FileIdentity File => file;

    /// <summary>Finds it again.</summary>
    public FileHandle Handle => handle;

    /// <summary>When it was first closed after the last scan.</summary>
    public long FirstAt { get; set; } = now;

    /// <summary>When it is to be scanned.</summary>
    public long DueAt { get; set; } = now;
}
