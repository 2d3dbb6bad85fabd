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
    static ReadLease()
    {
        if (Native.signal(Native.SIGIO, Native.SIG_IGN) == Native.SIG_ERR)
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

    /// <summary>Whether the lease could be had; it is given back at once.</summary>
    public static bool CanTake(ContentDescriptor file) => TryTake(file) == Errno.None && Release(file) == Errno.None;

    /// <summary>Gives the lease back; closing the last descriptor does the same.</summary>
    public static Errno Release(ContentDescriptor file) => Set(file, Native.F_UNLCK);

    /// <summary>Whether the lease is held and no writer is waiting for it to go.</summary>
    public static bool IsHeld(ContentDescriptor file) => Native.fcntl(file.Number, Native.F_GETLEASE, 0) == Native.F_RDLCK;

    private static Errno Set(ContentDescriptor file, int kind) =>
        Native.fcntl(file.Number, Native.F_SETLEASE, kind) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    private static partial class Native
    {
        internal const int F_SETLEASE = 1024;
        internal const int F_GETLEASE = 1025;
        internal const int F_RDLCK = 0;
        internal const int F_UNLCK = 2;
        internal const int SIGIO = 29;
        internal const nint SIG_IGN = 1;
        internal const nint SIG_ERR = -1;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint signal(int number, nint handler);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int fcntl(int fd, int command, int argument);
    }
}
