namespace Scanner.Linux.Sockets;

/// <summary>What came with one message.</summary>
/// <param name="Length">The message's bytes.</param>
/// <param name="SenderProcessId">
/// Who sent it, as the kernel saw it at that moment; 0 if outside this pid namespace.
/// </param>
/// <param name="Passed">The descriptor that came with it; the receiver owns it.</param>
public readonly record struct ReceivedMessage(int Length, int SenderProcessId, Descriptor? Passed);
