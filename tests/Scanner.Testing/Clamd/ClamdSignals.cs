using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Scanner.Testing.Clamd;

/// <summary>Signals to a server that a test has started, by its process id.</summary>
internal static partial class ClamdSignals
{
    public static void Kill(int processId) => Send(processId, Native.SIGKILL);

    public static void Stop(int processId) => Send(processId, Native.SIGSTOP);

    public static void Continue(int processId) => Send(processId, Native.SIGCONT);

    private static void Send(int processId, int signal)
    {
        // 0 and negative ids would reach whole process groups.
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2);
        if (Native.kill(processId, signal) != 0 && Marshal.GetLastPInvokeError() != Native.ESRCH)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill {processId}");
        }
    }

    private static partial class Native
    {
        internal const int SIGKILL = 9;
        internal const int SIGCONT = 18;
        internal const int SIGSTOP = 19;
        internal const int ESRCH = 3;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int kill(int pid, int signal);
    }
}
