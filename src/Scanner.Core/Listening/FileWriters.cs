using System.Globalization;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Listening;

/// <summary>Looks for processes that have a file open for writing.</summary>
/// <remarks>
/// Not for mappings whose file is closed: the list of a process's mappings is read under a lock that a user can hold
/// for as long as a FUSE server of theirs likes.
/// </remarks>
internal static class FileWriters
{
    /// <summary>A machine with more than can be looked at in this time is taken to have a writer.</summary>
    private const long LimitNanoseconds = 3_000 * Clock.NanosecondsPerMillisecond;

    private const int AccessMode = 3;

    /// <summary>How /proc names what has no path.</summary>
    private static readonly string[] s_noFiles = ["socket:[", "pipe:[", "anon_inode:"];

    /// <summary>Whether there is one, or nobody can say.</summary>
    /// <param name="files">The files; the kernel's own writers of a loop device are not among the processes.</param>
    /// <param name="own">
    /// Processes that are none. What the scanner's tell of their groups lists every marked file, and takes seconds.
    /// </param>
    public static bool AnyOf(IReadOnlyList<FileStatus> files, params ReadOnlySpan<int> own)
    {
        long end = Clock.Now + LimitNanoseconds;
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int id)
                && !own.Contains(id) && IsWriter(process, files, end))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWriter(string process, IReadOnlyList<FileStatus> files, long end)
    {
        try
        {
            foreach (string descriptor in Directory.EnumerateFiles(Path.Combine(process, "fdinfo")))
            {
                if (Clock.Now > end || (MayBeFile(descriptor) && IsWritable(descriptor, files)))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Ended meanwhile.
            return false;
        }
    }

    /// <summary>Most are sockets, pipes and the like. Tells without touching the file.</summary>
    private static bool MayBeFile(string information)
    {
        // Nothing where it cannot be told: a path may be too long.
        string? name = new FileInfo(DescriptorOf(information)).LinkTarget;
        return name is null || !Array.Exists(s_noFiles, kind => name.StartsWith(kind, StringComparison.Ordinal));
    }

    private static string DescriptorOf(string information) =>
        information.Replace("/fdinfo/", "/fd/", StringComparison.Ordinal);

    /// <remarks>No file is touched before its inode number is the one: it may be on somebody's dead server.</remarks>
    private static bool IsWritable(string information, IReadOnlyList<FileStatus> files)
    {
        bool isOpenForWriting = false;
        try
        {
            foreach (string line in File.ReadLines(information))
            {
                if (line.StartsWith("flags:", StringComparison.Ordinal))
                {
                    isOpenForWriting = (Convert.ToInt32(line[6..].Trim(), 8) & AccessMode) != 0;
                }
                else if (line.StartsWith("ino:", StringComparison.Ordinal)
                    && isOpenForWriting && HasNumber(line[4..].Trim(), files) && IsSame(information, files))
                {
                    return true;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Closed meanwhile.
        }

        return false;
    }

    private static bool HasNumber(string number, IReadOnlyList<FileStatus> files) =>
        ulong.TryParse(number, CultureInfo.InvariantCulture, out ulong inode) && files.Any(file => file.Inode == inode);

    private static bool IsSame(string information, IReadOnlyList<FileStatus> files)
    {
        using Descriptor open = Descriptor.OpenPath(DescriptorOf(information));
        FileStatus status = FileStatus.Of(open);
        return files.Any(file => (file.Device, file.Inode) == (status.Device, status.Inode));
    }
}
