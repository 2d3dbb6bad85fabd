using Scanner.SystemTests.Cached;

namespace Scanner.SystemTests.Leased;

/// <summary>Clean files that any user can write, on which a daemon keeps leases once they are known.</summary>
public sealed class WatchedLeasedFiles : WatchedCachedFiles
{
    public WatchedLeasedFiles()
    {
        Places = [CachedPlace.Ext4, CachedPlace.Xfs, CachedPlace.Btrfs, CachedPlace.OverlayAndBacking];

        // A file that is kept open keeps its number; what is written into the image ends all marks on its file system.
        Ways = way => way is { IsWritableForAll: true, Command: not ("reuse-inode" or "image") };
        Options = ["--profile", "available", "--lease-time", "10m"];
    }
}
