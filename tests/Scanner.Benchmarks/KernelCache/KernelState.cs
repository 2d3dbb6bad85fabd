using System.Globalization;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>What the kernel itself says that a process has told it about files.</summary>
/// <remarks>So that a quick open is known to be one that was not asked, and an absent mark is seen.</remarks>
internal static class KernelState
{
    private const string MarkedInode = "fanotify ino:";
    private const string Ignored = "ignored_mask:";
    private const string Lease = "LEASE";
    private const long OpenPermission = 0x10000;

    /// <summary>Inodes whose opens pass the groups of a process unasked (<c>/proc/PID/fdinfo</c>, proc(5)).</summary>
    /// <exception cref="BenchmarkException">The process has ended.</exception>
    public static int CountPassedInodes(int process)
    {
        try
        {
            // A group may have two numbers, and an inode marks in an old and a new group.
            HashSet<(long Inode, long Device)> passed = [];
            foreach (string descriptor in Directory.EnumerateFiles($"/proc/{process}/fdinfo"))
            {
                AddPassedInodes(descriptor, passed);
            }

            return passed.Count;
        }
        catch (DirectoryNotFoundException)
        {
            throw new BenchmarkException($"process {process} has ended");
        }
    }

    /// <summary>Leases that some processes hold (<c>/proc/locks</c>).</summary>
    public static int CountLeases(IReadOnlyList<int> processes)
    {
        // "1: LEASE  ACTIVE    READ 1234 08:01:12345 0 EOF"
        string[] holders = [.. processes.Select(process => process.ToString(CultureInfo.InvariantCulture))];
        return File.ReadLines("/proc/locks")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields.Length > 4 && fields[1] == Lease && holders.Contains(fields[4]));
    }

    // The kernel's lines about one descriptor, which may be many: one for each mark of a group.
    private static void AddPassedInodes(string descriptor, HashSet<(long Inode, long Device)> passed)
    {
        try
        {
            foreach (string line in File.ReadLines(descriptor))
            {
                if (line.StartsWith(MarkedInode, StringComparison.Ordinal)
                    && (Hexadecimal(line, Ignored) & OpenPermission) != 0)
                {
                    passed.Add((Hexadecimal(line, "ino:"), Hexadecimal(line, "sdev:")));
                }
            }
        }
        catch (IOException)
        {
            // Closed since it was listed.
        }
    }

    private static long Hexadecimal(string line, string field)
    {
        int at = line.IndexOf(field, StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }

        ReadOnlySpan<char> value = line.AsSpan(at + field.Length);
        int end = value.IndexOf(' ');
        return long.Parse(end < 0 ? value : value[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
