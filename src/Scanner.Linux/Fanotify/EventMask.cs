namespace Scanner.Linux.Fanotify;

/// <summary>What happened, or what to listen for (fanotify_mark(2)).</summary>
[Flags]
public enum EventMask : ulong
{
    None = 0,
    Modify = 0x2,
    CloseWrite = 0x8,
    Open = 0x20,
    QueueOverflow = 0x4000,
    OpenPermission = 0x1_0000,
    OpenExecPermission = 0x4_0000,

    /// <summary>The events that the kernel waits for an answer to.</summary>
    Permission = OpenPermission | OpenExecPermission,
}
