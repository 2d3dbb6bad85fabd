using Scanner.SystemTests.Cached;

namespace Scanner.SystemTests.Leased;

/// <summary>Clean files that any user can write, on which a daemon keeps leases once they are known.</summary>
public sealed class WatchedLeasedFiles : WatchedCachedFiles
{
    public WatchedLeasedFiles()
    {
        Places = [CachedPlace.Ext4, CachedPlace.Xfs, CachedPlace.Btrfs, CachedPlace.OverlayAndBacking];

        // A file that is kept open keeps its number, and what is written below the file system no lease tells of.
        Ways = way => way.IsWritableForAll && way.Command is not ("reuse-inode" or "image");
        Options = ["--profile", "available", "--lease-time", "10m"];
    }
}
