namespace Scanner.Linux.Fanotify;

/// <summary>What happened, or what to listen for (fanotify_mark(2)).</summary>
[Flags]
public enum EventMask : ulong
{
    None = 0,
    Modify = 0x2,

    /// <summary>Owner, mode, access control list, times or number of links; notification class only.</summary>
    Attributes = 0x4,
    CloseWrite = 0x8,
    Open = 0x20,

    /// <summary>Something was renamed; notification class only.</summary>
    MovedFrom = 0x40,

    /// <summary>The file itself is gone; notification class only.</summary>
    DeleteSelf = 0x400,
    QueueOverflow = 0x4000,
    OpenPermission = 0x1_0000,
    OpenExecPermission = 0x4_0000,

    /// <summary>Directories too.</summary>
    OnDirectory = 0x4000_0000,

    /// <summary>The events that the kernel waits for an answer to.</summary>
    Permission = OpenPermission | OpenExecPermission,
}
