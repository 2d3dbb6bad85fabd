using System.Runtime.InteropServices;

namespace Scanner.Linux.Files;

/// <summary>Tells which of the leases kept by one thread is being broken (fcntl(2), F_SETSIG; signalfd(2)).</summary>
/// <remarks>
/// The signals go to that thread alone (F_OWNER_TID) and are blocked in it alone: their default action would end the
/// process, and no other thread or child ever has to do with them. The runtime uses SIGRTMIN itself; the number here is
/// free. When the real-time signals that a user's processes have pending are too many (RLIMIT_SIGPENDING), the kernel
/// sends SIGIO instead, which does not tell whose lease it is about.
/// </remarks>
public sealed partial class LeaseSignals : Descriptor
{
    /// <summary>SIGRTMIN, which is 34 where a C library keeps two for itself, and 5.</summary>
    internal const int BreakSignal = 39;

    private LeaseSignals(int number, int threadId)
        : base(number) => ThreadId = threadId;

    /// <summary>The thread that the signals go to, and the only one that can read them.</summary>
    internal int ThreadId { get; }

    /// <summary>Opens them for the calling thread, which must live as long as its leases are to be kept.</summary>
    /// <exception cref="ErrnoException">No descriptor is left.</exception>
    public static LeaseSignals OpenForThisThread()
    {
        ulong mask = Bit(BreakSignal) | Bit(ReadLease.OverflowSignal);
        if (Native.syscall(Native.SYS_rt_sigprocmask, Native.SIG_BLOCK, in mask, 0, sizeof(ulong)) < 0)
        {
            throw ErrnoException.Last("rt_sigprocmask");
        }

        int threadId = (int)Native.syscall(Native.SYS_gettid);
        long number = Native.syscall(
            Native.SYS_signalfd4, -1, in mask, sizeof(ulong), Native.SFD_CLOEXEC | Native.SFD_NONBLOCK);
        return number >= 0
            ? new LeaseSignals((int)number, threadId)
            : throw ErrnoException.Last("signalfd");
    }

    /// <summary>Takes the next signal; does not wait.</summary>
    /// <param name="file">
    /// Whose lease a writer is waiting for; <c>null</c> if only every lease itself can tell. It may have been closed
    /// since, and the number may be another file's by now.
    /// </param>
    /// <returns>EAGAIN when there is none.</returns>
    public Errno TryRead(out PassedFile? file)
    {
        nint length;
        Native.SignalInfo info;
        do
        {
            length = Native.read(this, out info, Native.SignalInfo.ByteCount);
        }
        while (length < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR);

        bool isNamed = length == Native.SignalInfo.ByteCount && info.Signal == BreakSignal;
        file = isNamed ? new PassedFile(info.Descriptor) : null;
        return length >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);

    private static partial class Native
    {
        internal const long SYS_rt_sigprocmask = 14;
        internal const long SYS_gettid = 186;
        internal const long SYS_signalfd4 = 289;
        internal const int SIG_BLOCK = 0;
        internal const int SFD_NONBLOCK = 0x800;
        internal const int SFD_CLOEXEC = 0x80000;

        [StructLayout(LayoutKind.Explicit, Size = ByteCount)]
        internal struct SignalInfo
        {
            public const int ByteCount = 128;

            [FieldOffset(0)]
            public uint Signal;

            [FieldOffset(20)]
            public int Descriptor;
        }

        // Through syscall(2), because the kernel's signal sets are 8 bytes, and gettid has a wrapper only from glibc
        // 2.30 on.
        [LibraryImport("libc", SetLastError = true)]
        internal static partial long syscall(long number);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial long syscall(long number, long first, in ulong mask, long third, long fourth);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial nint read(LeaseSignals signals, out SignalInfo info, nint size);
    }
}
