namespace Scanner.Linux.Mounts;

/// <summary>Who else can change what is on a disk.</summary>
public enum DiskKind
{
    /// <summary>A server or another process delivers the content, or nobody can say.</summary>
    Unknown,

    /// <summary>A file, which processes can write (loop(4)).</summary>
    Loop,

    /// <summary>Another machine, while it is not mounted here. Also what is empty after each start: zram.</summary>
    Removable,

    /// <summary>Built in, as far as the kernel can tell.</summary>
    Fixed,
}
