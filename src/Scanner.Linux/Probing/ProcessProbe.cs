using System.Runtime.InteropServices;
using Scanner.Linux.Processes;

namespace Scanner.Linux.Probing;

/// <summary>What concerns processes: pidfds, namespaces, limits.</summary>
internal static partial class ProcessProbe
{
    /// <summary>Each open that waits for an answer holds one descriptor.</summary>
    private const long EnoughDescriptors = 4096;

    public static IEnumerable<Finding> Run(CapabilitySet capabilities)
    {
        yield return Finding.Of(
            "pidfd", TryOpenPidfd(),
                "The end of a child process cannot be noticed reliably (Linux 5.3).", isNeeded: true);
        yield return Finding.Of(
            "private mount namespace",
            File.Exists("/proc/self/ns/mnt") && capabilities.Has(Capability.SysAdmin),
            "The program's own opens cannot be exempted: it would wait for its own answers.",
            isNeeded: true);
        yield return UserNamespaces();

        (long soft, long hard) = OwnProcess.DescriptorLimit;
        yield return Finding.Of(
            "RLIMIT_NOFILE",
            $"{soft} (at most {hard})",
            hard >= EnoughDescriptors,
            "Every waiting open holds a descriptor; beyond the limit the kernel denies opens. At least "
                + $"{EnoughDescriptors} are advised.");
    }

    /// <summary>
    /// Whether ordinary users can make mount namespaces of their own. Convenient for them, one care less without.
    /// </summary>
    private static Finding UserNamespaces()
    {
        bool possible = File.Exists("/proc/self/ns/user")
            && Setting("/proc/sys/user/max_user_namespaces") != "0"
            && Setting("/proc/sys/kernel/unprivileged_userns_clone") != "0";
        return Finding.Of(
            "user namespaces",
            possible,
            "Nothing is lost without them. With them ordinary users can mount file systems that only a sweep "
                + "of all mount namespaces finds.");
    }

    private static string? Setting(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;

    private static Errno TryOpenPidfd()
    {
        int number = (int)Native.syscall(Native.SYS_pidfd_open, Environment.ProcessId, 0);
        if (number < 0)
        {
            return (Errno)Marshal.GetLastPInvokeError();
        }

        new Descriptor(number).Dispose();
        return Errno.None;
    }

    private static partial class Native
    {
        internal const long SYS_pidfd_open = 434;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial long syscall(long number, long first, long second);
    }
}
