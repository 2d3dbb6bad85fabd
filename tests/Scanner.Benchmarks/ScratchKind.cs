namespace Scanner.Benchmarks;

/// <summary>The file systems that the benchmark can make.</summary>
internal enum ScratchKind
{
    Ext4,
    Xfs,
    Btrfs,
    Tmpfs,

    /// <summary>Both layers on an ext4 of its own, which is not watched.</summary>
    Overlay,
}
