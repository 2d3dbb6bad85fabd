using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>
/// A read lease: while it is held and unbroken, nobody can start to write the file (fcntl(2), F_SETLEASE).
/// </summary>
/// <remarks>
/// Not seen by a lease: pages pinned by direct I/O that was in flight into a mapping already gone. A holder that
/// does not answer a break within <c>fs.lease-break-time</c> loses the lease.
/// A break sends the holder SIGIO, and SIGIO ends a process that does not handle it: anybody who may write the file
/// could end the scanner. So a process that uses leases ignores the signal, from its first lease on.
/// </remarks>
public static partial class ReadLease
{
    /// <summary>SIGIO: what a break sends where nothing else was asked for, or where that has no room.</summary>
    internal const int OverflowSignal = 29;

    static ReadLease()
    {
        if (Native.signal(OverflowSignal, Native.SIG_IGN) == Native.SIG_ERR)
        {
            throw ErrnoException.Last(nameof(Native.signal), "SIGIO");
        }
    }

    /// <summary>Takes the lease.</summary>
    /// <returns>
    /// EAGAIN when somebody has the file open for writing or mapped shared and writable; EACCES without CAP_LEASE on
    /// somebody else's file; EINVAL where the file system or <c>fs.leases-enable</c> does not let it.
    /// </returns>
    public static Errno TryTake(ContentDescriptor file) => Set(file, Native.F_RDLCK);

    /// <summary>
    /// Takes over a lease that another process has taken and passed on with the file: from here on a break of it is
    /// told here.
    /// </summary>
    /// <remarks>
    /// The lease lies on the open file, which all its descriptors share, but its signal names the descriptor by which it
    /// was last set, and goes to an owner that stays the one that took it (tried). A break that came before is
    /// still under way afterwards, and its signal went to the other process.
    /// </remarks>
    /// <param name="file">The file as it was passed.</param>
    /// <param name="signals">Where a break is to be told.</param>
    /// <returns>As <see cref="TryTake"/>; EAGAIN also when a writer is waiting for it to go.</returns>
    public static Errno TryTakeOver(PassedFile file, LeaseSignals signals)
    {
        int number = file.Content.Number;
        Native.OwnerEx owner = new() { Type = Native.F_OWNER_TID, Id = signals.ThreadId };
        if (Native.fcntl(number, Native.F_SETOWN_EX, in owner) < 0
            || Native.fcntl(number, Native.F_SETSIG, LeaseSignals.BreakSignal) < 0
            || Native.fcntl(number, Native.F_SETLEASE, Native.F_RDLCK) < 0)
        {
            return (Errno)Marshal.GetLastPInvokeError();
        }

        return IsHeld(file.Content) ? Errno.None : Errno.EAGAIN;
    }

    /// <summary>Whether the lease could be had; it is given back at once.</summary>
    public static bool CanTake(ContentDescriptor file) => TryTake(file) == Errno.None && Release(file) == Errno.None;

    /// <summary>Gives the lease back; closing the last descriptor does the same.</summary>
    public static Errno Release(ContentDescriptor file) => Set(file, Native.F_UNLCK);

    /// <summary>Whether the lease is held and no writer is waiting for it to go.</summary>
    public static bool IsHeld(ContentDescriptor file) =>
        Native.fcntl(file.Number, Native.F_GETLEASE, 0) == Native.F_RDLCK;

    private static Errno Set(ContentDescriptor file, int kind) =>
        Native.fcntl(file.Number, Native.F_SETLEASE, kind) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    private static partial class Native
    {
        internal const int F_SETSIG = 10;
        internal const int F_SETOWN_EX = 15;
        internal const int F_SETLEASE = 1024;
        internal const int F_GETLEASE = 1025;
        internal const int F_RDLCK = 0;
        internal const int F_UNLCK = 2;
        internal const int F_OWNER_TID = 0;
        internal const nint SIG_IGN = 1;
        internal const nint SIG_ERR = -1;

        internal struct OwnerEx
        {
            public int Type;
            public int Id;
        }

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint signal(int number, nint handler);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fcntl(int fd, int command, int argument);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fcntl(int fd, int command, in OwnerEx owner);
    }
}
