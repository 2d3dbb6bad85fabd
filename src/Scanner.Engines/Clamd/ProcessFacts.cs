using System.Globalization;
using System.Text;

namespace Scanner.Engines.Clamd;

/// <summary>
/// What /proc tells of a process (proc(5)). Nothing throws: the process may be gone, or not ours to look at.
/// </summary>
internal static class ProcessFacts
{
    private const int StartTimeField = 22;

    /// <summary>Clock ticks in a second, as every Linux shows them in /proc (USER_HZ).</summary>
    private const double TicksPerSecond = 100;

    /// <summary>When the process started, in clock ticks since boot: with the id, it names one process.</summary>
    public static string? TryReadStartTime(int processId)
    {
        // The name in parentheses may hold spaces and parentheses itself; numbers follow the last of them.
        string? text = TryReadText(processId, "stat");
        string[] fields = text?[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return fields.Length > StartTimeField - 3 ? fields[StartTimeField - 3] : null;
    }

    /// <summary>When a process started, by the system's clock as it is set now.</summary>
    /// <param name="startTime">What <see cref="TryReadStartTime"/> said.</param>
    /// <param name="now">The system's clock.</param>
    public static DateTimeOffset? TryTellStart(string startTime, DateTimeOffset now)
    {
        string? uptime = TryReadText("/proc/uptime")?.Split(' ')[0];
        return double.TryParse(startTime, NumberStyles.None, CultureInfo.InvariantCulture, out double ticks)
            && double.TryParse(uptime, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
            ? now - TimeSpan.FromSeconds(seconds - (ticks / TicksPerSecond))
            : null;
    }

    public static string? TryReadExecutable(int processId) => TryReadLink(processId, "exe");

    public static string? TryReadWorkingDirectory(int processId) => TryReadLink(processId, "cwd");

    public static IReadOnlyList<string> ReadArguments(int processId) =>
        TryReadText(processId, "cmdline")?.Split('\0') ?? [];

    /// <summary>A variable of the environment that the process was started with.</summary>
    public static string? TryReadVariable(int processId, string name) =>
        TryReadText(processId, "environ")?.Split('\0')
            .FirstOrDefault(line => line.StartsWith(name + '=', StringComparison.Ordinal))?[(name.Length + 1)..];

    /// <summary>Whether a path means the same to the process as to us, as far as the root shows it.</summary>
    /// <remarks>By device and place of what is mounted there, since a clone of the mount has another id.</remarks>
    public static bool SharesRoot(int processId)
    {
        string? theirs = TryReadRoot(processId.ToString(CultureInfo.InvariantCulture));
        return theirs is not null && theirs == TryReadRoot("self");
    }

    private static string? TryReadRoot(string process)
    {
        try
        {
            string? root = null;
            foreach (string line in File.ReadLines($"/proc/{process}/mountinfo"))
            {
                string[] fields = line.Split(' ', 6);

                // The last one lies on top.
                root = fields.Length == 6 && fields[4] == "/" ? $"{fields[2]} {fields[3]}" : root;
            }

            return root;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? TryReadText(int processId, string name) => TryReadText(Path(processId, name));

    private static string? TryReadText(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? TryReadLink(int processId, string name)
    {
        try
        {
            return new FileInfo(Path(processId, name)).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Path(int processId, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{name}");
}
