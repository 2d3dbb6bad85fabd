using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Scanner.SystemTests.Fixtures;

/// <summary>Signals to processes that a test has started, by their id.</summary>
internal static partial class Signals
{
    public static void Kill(int pid) => Send(pid, Native.SIGKILL);

    public static void Terminate(int pid) => Send(pid, Native.SIGTERM);

    public static void Abort(int pid) => Send(pid, Native.SIGABRT);

    public static void Interrupt(int pid) => Send(pid, Native.SIGINT);

    /// <summary>Tells openers that the end is near.</summary>
    public static void User1(int pid) => Send(pid, Native.SIGUSR1);

    /// <summary>Asks a supervisor to hand over.</summary>
    public static void User2(int pid) => Send(pid, Native.SIGUSR2);

    /// <summary>Stops a process, and returns when the last of its threads stands still.</summary>
    /// <remarks>
    /// A thread on its way out of the kernel may have taken an event with it; one that hangs there is let be.
    /// </remarks>
    public static void Stop(int pid)
    {
        Send(pid, Native.SIGSTOP);
        SpinWait.SpinUntil(() => ProcessTable.IsStopped(pid), TimeSpan.FromSeconds(2));
    }

    public static void Continue(int pid) => Send(pid, Native.SIGCONT);

    private static void Send(int pid, int signal)
    {
        // 0 and negative ids would reach whole process groups.
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 2);
        if (Native.kill(pid, signal) != 0 && Marshal.GetLastPInvokeError() != Native.ESRCH)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill {pid}");
        }
    }

    private static partial class Native
    {
        public const int SIGINT = 2;
        public const int SIGABRT = 6;
        public const int SIGKILL = 9;
        public const int SIGUSR1 = 10;
        public const int SIGUSR2 = 12;
        public const int SIGTERM = 15;
        public const int SIGCONT = 18;
        public const int SIGSTOP = 19;
        public const int ESRCH = 3;

        [LibraryImport("libc", SetLastError = true)]
        public static partial int kill(int pid, int signal);
    }
}
