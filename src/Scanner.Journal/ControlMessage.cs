using System.Runtime.InteropServices;

namespace Scanner.Journal;

/// <summary>What worker and supervisor say to each other over the control socket, one message a packet.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Group">Which group it is about.</param>
/// <param name="Key">What a group is opened for.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ControlMessage(ControlMessageKind Kind, int Group, ulong Key);
