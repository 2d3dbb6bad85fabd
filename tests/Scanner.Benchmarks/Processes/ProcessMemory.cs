using System.Globalization;

namespace Scanner.Benchmarks.Processes;

/// <summary>What a process holds in memory, from <c>/proc</c>.</summary>
internal static class ProcessMemory
{
    /// <summary>Bytes that are its own: no file can give them back (<c>RssAnon</c>).</summary>
    public static long Anonymous(int process) => Field($"/proc/{process}/status", "RssAnon:");

    /// <summary>Bytes, those shared with others divided among them (<c>Pss</c>).</summary>
    public static long Proportional(int process) => Field($"/proc/{process}/smaps_rollup", "Pss:");

    private static long Field(string file, string name)
    {
        string line = ProcessTree.Read(file).Split('\n').First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..].Replace("kB", "").Trim(), CultureInfo.InvariantCulture);
    }
}
