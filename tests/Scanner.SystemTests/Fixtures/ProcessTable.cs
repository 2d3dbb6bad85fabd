using System.Globalization;

namespace Scanner.SystemTests.Fixtures;

/// <summary>What /proc tells about other processes.</summary>
internal static class ProcessTable
{
    /// <summary>Children of every thread: /proc lists them below the thread that made them.</summary>
    public static IReadOnlyList<int> ChildrenOf(int pid)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{pid}/task").SelectMany(ChildrenOfThread)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>False for a process that is gone, and for one that is only not yet waited for.</summary>
    public static bool IsAlive(int pid) => State(pid) is not (null or 'Z' or 'X');

    /// <summary>The state's letter, or null if there is no such process.</summary>
    public static char? State(int pid) => State($"/proc/{pid}");

    private static char? State(string directory)
    {
        string? stat = Read($"{directory}/stat");
        // The name in parentheses may hold anything, also parentheses.
        return stat is null ? null : stat[stat.LastIndexOf(')') + 2];
    }

    /// <summary>Whether a thread is left, also one that no signal can end and that is not the first one.</summary>
    public static bool HasThreads(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task")
                .Any(task => State(task) is not (null or 'Z' or 'X'));
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Whether every thread is stopped, or there is no such process.</summary>
    public static bool IsStopped(int pid)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task")
                .All(task => State(task) is null or 'T' or 'Z' or 'X');
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }

    /// <summary>Whether a process has a thread whose name begins so.</summary>
    public static bool HasThread(int pid, string name)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{pid}/task")
                .Any(task => Read($"{task}/comm")?.StartsWith(name, StringComparison.Ordinal) == true);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    public static string CommandLine(int pid) => Read($"/proc/{pid}/cmdline")?.Replace('\0', ' ') ?? "";

    /// <summary>How many descriptors a process has open.</summary>
    public static int DescriptorsOf(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    /// <summary>What a process has open, and how often.</summary>
    public static string DescribeDescriptors(int pid) => string.Join('\n', new DirectoryInfo($"/proc/{pid}/fd")
        .EnumerateFileSystemInfos()
        .GroupBy(entry => entry.LinkTarget)
        .OrderByDescending(group => group.Count())
        .Select(group => $"{group.Count(),5} {group.Key}"));

    /// <summary>Bytes of a process's memory that are in RAM.</summary>
    public static long ResidentBytes(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status")
            .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        string kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>True while a process or a child of it sleeps uninterruptibly, as waiters for a reply do.</summary>
    public static bool IsBlocked(int pid) => State(pid) == 'D' || ChildrenOf(pid).Any(child => State(child) == 'D');

    /// <summary>What the descriptors of a process refer to, as /proc names it; empty if the process is gone.</summary>
    public static IReadOnlyList<string> OpenFilesOf(int pid)
    {
        try
        {
            // readlink only: it opens nothing of what the descriptors refer to.
            return
            [
                .. Directory.GetFiles($"/proc/{pid}/fd").Select(link => new FileInfo(link).LinkTarget).OfType<string>(),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static IEnumerable<int> ChildrenOfThread(string thread) =>
        (Read(Path.Combine(thread, "children")) ?? "")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
