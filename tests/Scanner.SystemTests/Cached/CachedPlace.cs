using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Cached;

/// <summary>Where files lie whose verdicts may be kept.</summary>
public enum CachedPlace
{
    Ext4,
    Xfs,
    Btrfs,
    Tmpfs,

    /// <summary>An overlay on ext4, the files in its upper layer; only the overlay is watched.</summary>
    Overlay,

    /// <summary>The same overlay, the files in its lower layer, so that a write through it copies them first.</summary>
    OverlayLower,

    /// <summary>An overlay that is watched together with the ext4 that its layers lie on.</summary>
    OverlayAndBacking,
}

internal static class CachedPlaces
{
    public static bool IsOverlay(this CachedPlace place) => place >= CachedPlace.Overlay;

    /// <summary>Whether the kernel may let files there pass unasked.</summary>
    public static bool MayBeMarked(this CachedPlace place) =>
        place is CachedPlace.Ext4 or CachedPlace.Xfs or CachedPlace.Btrfs;

    public static FileSystemKind Kind(this CachedPlace place) =>
        place switch
        {
            CachedPlace.Xfs => FileSystemKind.Xfs,
            CachedPlace.Btrfs => FileSystemKind.Btrfs,
            CachedPlace.Tmpfs => FileSystemKind.Tmpfs,
            _ => FileSystemKind.Ext4,
        };
}
