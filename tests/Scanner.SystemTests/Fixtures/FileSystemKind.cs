namespace Scanner.SystemTests.Fixtures;

/// <summary>The file systems that every promise is tested on.</summary>
public enum FileSystemKind
{
    Ext4,
    Xfs,
    Btrfs,
    Tmpfs,
}
