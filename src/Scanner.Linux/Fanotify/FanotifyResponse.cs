using System.Runtime.InteropServices;

namespace Scanner.Linux.Fanotify;

/// <summary>An answer as write(2) takes it (struct fanotify_response, 8 bytes).</summary>
/// <param name="Descriptor">The number that the event's descriptor had in the process that read the event.</param>
/// <param name="Access">Allow or deny.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FanotifyResponse(int Descriptor, Access Access);
