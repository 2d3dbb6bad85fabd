namespace Scanner.Linux.Fanotify;

/// <summary>The kernel's own look at permission events that nobody answers (fs.fanotify.watchdog_timeout).</summary>
/// <remarks>
/// It answers nothing: it logs, once for each event, <c>PID ... failed to respond to fanotify queue for more than N
/// seconds</c>, naming the process that has read the event. It looks every N seconds, so an event is named after up to
/// twice that. It concerns every group that is opened from then on, also those of other programs.
/// </remarks>
public static class KernelWatchdog
{
    private const string Setting = "fs/fanotify/watchdog_timeout";

    /// <summary>Turns it on where it is there and off. An administrator's value stays.</summary>
    /// <param name="longest">The longest that an answer may rightly take; whole seconds, rounded up.</param>
    /// <param name="root">Where the settings are.</param>
    /// <returns>Whether it was turned on.</returns>
    public static bool TryTurnOn(TimeSpan longest, string root = "/proc/sys")
    {
        string path = Path.Combine(root, Setting);
        try
        {
            if (File.ReadAllText(path).Trim() != "0")
            {
                return false;
            }

            File.WriteAllText(path, $"{(long)Math.Ceiling(longest.TotalSeconds)}\n");
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Before the kernel that has it, or where /proc/sys is read-only, as in most containers.
            return false;
        }
    }
}
