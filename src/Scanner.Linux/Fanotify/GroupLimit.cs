namespace Scanner.Linux.Fanotify;

/// <summary>How many fanotify groups one user's processes may have together (fanotify(7)).</summary>
public static class GroupLimit
{
    public const string Setting = "fs.fanotify.max_user_groups";

    /// <summary>Its value as text, for messages.</summary>
    /// <param name="root">Where the settings are.</param>
    public static string Read(string root = "/proc/sys")
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, Setting.Replace('.', '/'))).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "unknown";
        }
    }
}
