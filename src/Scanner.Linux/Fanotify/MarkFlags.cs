namespace Scanner.Linux.Fanotify;

/// <summary>Flags of fanotify_mark(2): what to do, and to which kind of object.</summary>
[Flags]
internal enum MarkFlags : uint
{
    Add = 0x1,
    Remove = 0x2,
    Mount = 0x10,
    Flush = 0x80,
    Filesystem = 0x100,

    /// <summary>Inode marks only: the kernel may drop the mark with the inode's cache entry (Linux 5.19).</summary>
    Evictable = 0x200,

    /// <summary>The mask is of what is not asked about, until the content is modified (Linux 6.0).</summary>
    Ignore = 0x400,

    /// <summary>
    /// FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY: what must be said for mounts and directories (Linux 6.0).
    /// </summary>
    IgnoreSurvivingModify = 0x440,
}
