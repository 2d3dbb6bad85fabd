using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Scanner.Linux.Processes;

/// <summary>What a process can do to itself.</summary>
public static partial class OwnProcess
{
    /// <summary>The parent's process id; 0 or 1 once the parent has died.</summary>
    public static int ParentId => Native.getppid();

    /// <summary>The soft and hard limit of open descriptors (RLIMIT_NOFILE).</summary>
    /// <exception cref="ErrnoException">The kernel does not answer.</exception>
    public static (long Soft, long Hard) DescriptorLimit
    {
        get
        {
            return Native.getrlimit(Native.RLIMIT_NOFILE, out Native.ResourceLimit limit) == 0
                ? (Clamp(limit.Soft), Clamp(limit.Hard))
                : throw ErrnoException.Last(nameof(Native.getrlimit));
        }

        set
        {
            Native.ResourceLimit limit = new() { Soft = (ulong)value.Soft, Hard = (ulong)value.Hard };
            if (Native.setrlimit(Native.RLIMIT_NOFILE, in limit) < 0)
            {
                throw ErrnoException.Last(nameof(Native.setrlimit), "RLIMIT_NOFILE");
            }
        }
    }

    /// <summary>How many signals may be pending for all processes of this user together (RLIMIT_SIGPENDING).</summary>
    /// <exception cref="ErrnoException">The kernel does not answer.</exception>
    public static long PendingSignalLimit =>
        Native.getrlimit(Native.RLIMIT_SIGPENDING, out Native.ResourceLimit limit) == 0
            ? Clamp(limit.Soft)
            : throw ErrnoException.Last(nameof(Native.getrlimit), "RLIMIT_SIGPENDING");

    /// <summary>Has the kernel kill this process when the thread that started it ends (PR_SET_PDEATHSIG).</summary>
    /// <remarks>
    /// It follows the parent's thread, not the parent, and does nothing for a parent already gone: the parent starts
    /// children from a thread that never ends, and the child compares <see cref="ParentId"/> afterwards.
    /// </remarks>
    /// <exception cref="ErrnoException">The kernel refuses.</exception>
    public static void DieWithParent()
    {
        if (Native.prctl(Native.PR_SET_PDEATHSIG, (ulong)ProcessSignal.Kill, 0, 0, 0) < 0)
        {
            throw ErrnoException.Last(nameof(Native.prctl), "PR_SET_PDEATHSIG");
        }
    }

    /// <summary>
    /// Makes the calling thread run before ordinary ones (setpriority(2) acts on one thread on Linux).
    /// </summary>
    /// <param name="nice">-20 (first) to 19.</param>
    /// <returns>EACCES without CAP_SYS_NICE.</returns>
    public static Errno TrySetThreadPriority(int nice) =>
        Native.setpriority(Native.PRIO_PROCESS, 0, nice) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    /// <summary>Asks the OOM killer to take others first.</summary>
    /// <param name="adjustment">-1000 (never) to 1000.</param>
    /// <returns>Whether it was allowed: below the present value needs CAP_SYS_RESOURCE.</returns>
    public static bool TrySetOutOfMemoryAdjustment(int adjustment) => TrySetOutOfMemoryAdjustment("self", adjustment);

    internal static bool TrySetOutOfMemoryAdjustment(string process, int adjustment)
    {
        try
        {
            string text = adjustment.ToString(CultureInfo.InvariantCulture);
            File.WriteAllText($"/proc/{process}/oom_score_adj", text);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Keeps a signal from the calling thread, over the next execve(2) too, until <see cref="Unblock"/>. If no other
    /// thread takes it, it waits.
    /// </summary>
    /// <exception cref="ErrnoException">The kernel refuses.</exception>
    public static void Block(ProcessSignal signal) => ChangeMask(Native.SIG_BLOCK, signal);

    /// <summary>Ends <see cref="Block"/>.</summary>
    /// <exception cref="ErrnoException">The kernel refuses.</exception>
    public static void Unblock(ProcessSignal signal) => ChangeMask(Native.SIG_UNBLOCK, signal);

    /// <summary>Replaces this process's program (execve(2)); every other thread ends. Does not return.</summary>
    /// <exception cref="ErrnoException">The program cannot be executed.</exception>
    public static unsafe void Replace(
        string program, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(program + '\0'))
        {
            using NativeStrings argumentArray = new(arguments);
            using NativeStrings environmentArray = new(environment);
            _ = Native.execve(path, argumentArray.Pointer, environmentArray.Pointer);
        }

        throw ErrnoException.Last(nameof(Native.execve), program);
    }

    private static void ChangeMask(int how, ProcessSignal signal)
    {
        ulong mask = 1UL << ((int)signal - 1);
        if (Native.syscall(Native.SYS_rt_sigprocmask, how, in mask, 0, sizeof(ulong)) < 0)
        {
            throw ErrnoException.Last("rt_sigprocmask", signal.ToString());
        }
    }

    private static long Clamp(ulong limit) => limit > long.MaxValue ? long.MaxValue : (long)limit;

    private static unsafe partial class Native
    {
        internal const int RLIMIT_NOFILE = 7;
        internal const int RLIMIT_SIGPENDING = 11;
        internal const int PR_SET_PDEATHSIG = 1;
        internal const int PRIO_PROCESS = 0;

        internal const long SYS_rt_sigprocmask = 14;
        internal const int SIG_BLOCK = 0;
        internal const int SIG_UNBLOCK = 1;

        internal struct ResourceLimit
        {
            public ulong Soft;
            public ulong Hard;
        }

        [LibraryImport("libc")]
        internal static partial int getppid();

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int getrlimit(int resource, out ResourceLimit limit);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setrlimit(int resource, in ResourceLimit limit);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int prctl(int option, ulong second, ulong third, ulong fourth, ulong fifth);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int setpriority(int which, int who, int nice);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial long syscall(long number, int how, in ulong mask, nint old, nint size);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int execve(byte* path, byte** arguments, byte** environment);
    }
}
