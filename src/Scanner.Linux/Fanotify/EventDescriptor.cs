using System.Runtime.InteropServices;
using Scanner.Linux.Files;

namespace Scanner.Linux.Fanotify;

/// <summary>
/// The descriptor that an event brought. It belongs to the event's slot; only the slot's owner closes it.
/// </summary>
/// <remarks>
/// Not a SafeHandle on purpose: the kernel finds the waiting open by this number. Closed before the answer is
/// written, the number may be given to a newer event, and the older one's answer would then decide the newer one.
/// </remarks>
public readonly partial record struct EventDescriptor(int Number)
{
    /// <summary>Lends the descriptor for looking at the file.</summary>
    public ContentDescriptor Content => new(Number);

    /// <summary>Closes the descriptor. Only after the answer is written and marked so in the slot.</summary>
    /// <remarks>
    /// If the file has no name any more, and nobody else has it open, this takes as long as freeing its blocks: seconds
    /// for a large one, for ever where the disk does not answer.
    /// </remarks>
    public void Close() => _ = Native.close(Number);

    private static partial class Native
    {
        [LibraryImport("libc", SetLastError = true)]
        internal static partial int close(int fd);
    }
}
