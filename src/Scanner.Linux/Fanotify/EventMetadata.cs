using System.Runtime.InteropServices;

namespace Scanner.Linux.Fanotify;

/// <summary>One event as read(2) delivers it (struct fanotify_event_metadata, 24 bytes).</summary>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public struct EventMetadata
{
    public const int ByteCount = 24;

    /// <summary>The layout version that this struct describes (FANOTIFY_METADATA_VERSION).</summary>
    public const byte SupportedVersion = 3;

    [FieldOffset(0)]
    public uint EventLength;

    [FieldOffset(4)]
    public byte Version;

    [FieldOffset(8)]
    public EventMask Mask;

    /// <summary>
    /// The event descriptor, or a negative errno if the kernel could not open one and has denied the open.
    /// </summary>
    [FieldOffset(16)]
    public int Descriptor;

    /// <summary>The opener's process id as this process sees it; 0 if it lives outside this pid namespace.</summary>
    [FieldOffset(20)]
    public int ProcessId;

    /// <summary>Whether the kernel waits for an answer to this event.</summary>
    public readonly bool WantsReply => (Mask & EventMask.Permission) != 0 && Descriptor >= 0;
}
