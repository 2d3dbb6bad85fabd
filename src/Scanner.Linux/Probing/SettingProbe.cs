namespace Scanner.Linux.Probing;

/// <summary>Settings of the kernel (sysctl(8)).</summary>
internal static class SettingProbe
{
    private static readonly (string Name, string Consequence)[] Settings =
    [
        ("fs.leases-enable", "At 0 no lease can be taken: no result about a file is kept."),
        ("fs.lease-break-time", "For so many seconds a writer waits at most for a lease to be given back."),
        ("fs.fanotify.max_user_groups",
            "More groups than this cannot be opened: one is needed for each watched file system, two while "
                + "they are renewed."),
        ("fs.fanotify.max_queued_events",
            "Not used: the queue is opened without a limit, because a full one lets opens through unasked."),
        ("fs.fanotify.max_user_marks", "Not used: groups are opened without a limit of marks."),
        ("fs.fanotify.watchdog_timeout", "The kernel does not log an answer that is late. At 0 seconds it is off."),
    ];

    /// <param name="root">Where the settings are: /proc/sys.</param>
    public static IEnumerable<Finding> Run(string root)
    {
        foreach ((string name, string consequence) in Settings)
        {
            string path = Path.Combine(root, name.Replace('.', '/'));
            if (!File.Exists(path))
            {
                yield return Finding.Of(name, "absent", available: false, consequence);
                continue;
            }

            string value = File.ReadAllText(path).Trim();
            yield return Finding.Of(name, value, name != "fs.leases-enable" || value != "0", consequence);
        }
    }
}
