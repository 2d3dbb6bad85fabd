using System.Runtime.InteropServices;

namespace Scanner.Linux.Fanotify;

/// <summary>The opens that the kernel is just showing to groups.</summary>
/// <remarks>
/// An open walks the list of marks without a lock, under SRCU. One that began to walk before a mark was added may not
/// see it, and passes by a mark that is taken away before it comes there: where one group takes the place of another
/// it would be shown to neither. Only the end of a notification group waits for such walks, if it had a mark
/// (fsnotify_destroy_group() in Linux 4.12 to 6.18; of inotify's groups there are more than of fanotify's).
/// </remarks>
public static partial class OpensUnderWay
{
    /// <summary>
    /// Waits until every open has seen the marks that were there before the call. Some 10 ms; seconds where openers get
    /// no processor time (seen with the policy SCHED_IDLE), or many marks are being freed.
    /// </summary>
    /// <exception cref="ErrnoException">
    /// EMFILE beyond <c>fs.inotify.max_user_instances</c> or RLIMIT_NOFILE: nothing was waited for.
    /// </exception>
    public static void Await()
    {
        int number = Native.inotify_init1(Native.IN_CLOEXEC);
        if (number < 0)
        {
            throw ErrnoException.Last(nameof(Native.inotify_init1));
        }

        using Descriptor group = new(number);
        if (Native.inotify_add_watch(group, "/proc/self/stat\0"u8, Native.IN_DELETE_SELF) < 0)
        {
            throw ErrnoException.Last(nameof(Native.inotify_add_watch), "/proc/self/stat");
        }
    }

    private static partial class Native
    {
        internal const int IN_CLOEXEC = 0x80000;
        internal const uint IN_DELETE_SELF = 0x400;

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int inotify_init1(int flags);

        [LibraryImport("libc", SetLastError = true)]
        internal static partial int inotify_add_watch(Descriptor group, ReadOnlySpan<byte> path, uint mask);
    }
}
