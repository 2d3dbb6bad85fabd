using System.Globalization;

namespace Scanner.Benchmarks.Processes;

/// <summary>Who is whose child, from <c>/proc</c>.</summary>
internal static class ProcessTree
{
    public static IReadOnlyList<int> ChildrenOf(int parent)
    {
        List<int> children = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int process)
                && ParentOf(process) == parent)
            {
                children.Add(process);
            }
        }

        return children;
    }

    /// <summary>The arguments of a process; empty if it is gone.</summary>
    public static IReadOnlyList<string> Arguments(int process) =>
        Read($"/proc/{process}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);

    public static IReadOnlyList<int> ThreadsOf(int process)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories($"/proc/{process}/task")
                    .Select(directory => int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture)),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>A small file below <c>/proc</c>; empty if its process is gone.</summary>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // ENOENT, or ESRCH from the read itself: it ended in between.
            return "";
        }
    }

    private static int? ParentOf(int process)
    {
        // The second field is a name in parentheses that may itself hold parentheses and spaces (proc_pid_stat(5)).
        string stat = Read($"/proc/{process}/stat");
        string[] afterName = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return afterName.Length > 1 ? int.Parse(afterName[1], CultureInfo.InvariantCulture) : null;
    }
}
