using Scanner.Linux.Fanotify;

namespace Scanner.Linux.Probing;

/// <summary>What fanotify_init(2) accepts. Groups are opened and closed without a mark.</summary>
internal static class FanotifyProbe
{
    public static IEnumerable<Finding> Run()
    {
        yield return Finding.Of(
            "permission events",
            TryOpenGroup(),
            "The kernel does not ask before it opens a file (CONFIG_FANOTIFY_ACCESS_PERMISSIONS, "
                + "CAP_SYS_ADMIN): nothing can be denied.",
            isNeeded: true);

        const string name = "FAN_REPORT_FD_ERROR";
        const string consequence =
            "An open that the kernel denies because it cannot make a descriptor (Linux 6.13 says why) is "
                + "counted without a reason.";
        Errno error = FanotifyGroup.ProbeReportDescriptorError();
        yield return error is Errno.None or Errno.EINVAL
            ? Finding.Of(name, error, consequence)
            : Finding.Unknown(name, error.ToString(), consequence);

        yield return Finding.Of(
            "restartable events",
            FanotifyGroup.HasRestartableEvents(),
            "The kernel does not ask again what a dead reader had read (FAN_RESTARTABLE_EVENTS, proposed only): "
                + "the supervisor keeps a journal instead. Not used where it is there.");
    }

    private static Errno TryOpenGroup()
    {
        try
        {
            FanotifyGroup.Open().Dispose();
            return Errno.None;
        }
        catch (ErrnoException error)
        {
            return error.Errno;
        }
    }
}
