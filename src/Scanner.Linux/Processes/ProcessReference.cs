using System.Runtime.InteropServices;

namespace Scanner.Linux.Processes;

/// <summary>
/// A process of somebody else, held so that its id cannot be taken for another process's (pidfd_open(2)).
/// </summary>
public sealed partial class ProcessReference : Descriptor
{
    private ProcessReference(int number, int id)
        : base(number) => Id = id;

    public int Id { get; }

    /// <summary>Whether the process still runs; while it does, its id is its own.</summary>
    public bool IsAlive
    {
        get
        {
            Native.PollDescriptor poll = new() { Descriptor = Number, Events = Native.POLLIN };
            return Native.poll(ref poll, 1, 0) == 0;
        }
    }

    /// <summary>Takes hold of a process.</summary>
    /// <returns><c>null</c> if there is no such process.</returns>
    public static ProcessReference? TryOpen(int id)
    {
        int number = (int)Native.syscall(Native.SYS_pidfd_open, id, 0);
        return number >= 0 ? new ProcessReference(number, id) : null;
    }

    private static partial class Native
    {
        internal const long SYS_pidfd_open = 434;
        internal const short POLLIN = 1;

        internal struct PollDescriptor
        {
            public int Descriptor;
            public short Events;
            public short Returned;
        }

        // Through syscall(2), because glibc has a wrapper only from 2.36 on.
        [LibraryImport("libc", SetLastError = true)]
        internal static partial long syscall(long number, long first, long second);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int poll(ref PollDescriptor descriptor, ulong count, int timeoutMilliseconds);
    }
}
