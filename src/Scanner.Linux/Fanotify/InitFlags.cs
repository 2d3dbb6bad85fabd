namespace Scanner.Linux.Fanotify;

/// <summary>Flags of fanotify_init(2), x86-64.</summary>
[Flags]
internal enum InitFlags : uint
{
    CloseOnExec = 0x1,
    NonBlocking = 0x2,
    ClassContent = 0x4,

    /// <summary>Without it, opens beyond <c>max_queued_events</c> pass unasked.</summary>
    UnlimitedQueue = 0x10,
    UnlimitedMarks = 0x20,

    /// <summary>Notification class only: events carry a file handle instead of a descriptor.</summary>
    ReportFileId = 0x200,

    /// <summary>Linux 6.13: an event whose descriptor could not be opened carries the negative errno instead.</summary>
    ReportDescriptorError = 0x2000,

    /// <summary>
    /// Proposed as FAN_RESTARTABLE_EVENTS (linux-fsdevel, 2025), in no released kernel; another flag may get the value.
    /// </summary>
    RestartableEvents = 0x8000,
}
