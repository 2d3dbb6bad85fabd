namespace Scanner.SystemTests.Cached;

/// <summary>One way to give a file another content.</summary>
/// <param name="Command">The way's name in the native opener, tests/native/opener/change.c.</param>
internal sealed record ChangeWay(string Command)
{
    /// <summary>The modification time is put back after the change.</summary>
    public bool KeepsTimes { get; init; }

    /// <summary>What the way opens or maps is there before the first scan, and stays after the change.</summary>
    public bool IsHeld { get; init; }

    /// <summary>What was prepared is gone when the file is written out: dirty pages of a mapping.</summary>
    public bool IsShortLived => Command == "mmap-dirty";

    /// <summary>On an overlay: the file is changed in the layer that it lies in, not through the overlay.</summary>
    public bool IsBelow { get; init; }

    /// <summary>Any user may write the file, so that a cache may trust it less than one that only root can.</summary>
    public bool IsWritableForAll { get; init; }

    /// <summary>How the clean content becomes the infected one.</summary>
    public ContentShape Shape { get; init; }

    public string Name =>
        $"{Command}{(IsBelow ? " in the layer" : "")}{(IsHeld ? ", prepared before the scan" : "")}"
        + (KeepsTimes ? ", mtime put back" : "")
        + (IsWritableForAll ? ", writable for all" : "");

    public bool WorksOn(CachedPlace place) =>
        Command switch
        {
            "swap-extents" => place is CachedPlace.Xfs,
            "reflink" => place is CachedPlace.Xfs or CachedPlace.Btrfs,
            // The others never give a number twice, and a removed file of a lower layer keeps its own.
            "reuse-inode" => place is not (CachedPlace.Btrfs or CachedPlace.Tmpfs or CachedPlace.OverlayLower),
            "image" => place is not CachedPlace.Tmpfs,
            _ => true,
        }
        && (!IsBelow || place.IsOverlay())
        && (!IsWritableForAll
            || place.MayBeMarked() || place is CachedPlace.Overlay or CachedPlace.OverlayAndBacking);
}
