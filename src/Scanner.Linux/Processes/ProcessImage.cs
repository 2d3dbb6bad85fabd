using System.Globalization;

namespace Scanner.Linux.Processes;

/// <summary>
/// What /proc tells of another process. Only true while it waits for our answer; afterwards it may be gone.
/// </summary>
public static class ProcessImage
{
    /// <summary>The real user id of a process, or <c>null</c> if it is gone.</summary>
    public static uint? RealUser(int processId)
    {
        const string key = "Uid:";
        try
        {
            foreach (string line in processId > 0 ? File.ReadLines($"/proc/{processId}/status") : [])
            {
                if (line.StartsWith(key, StringComparison.Ordinal))
                {
                    return uint.Parse(line[key.Length..].Trim().Split('\t')[0], CultureInfo.InvariantCulture);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile.
        }

        return null;
    }

    /// <summary>The path of the program that a process runs, or <c>null</c> if it is gone or a kernel thread.</summary>
    public static string? Executable(int processId)
    {
        try
        {
            return processId > 0
                ? File.ResolveLinkTarget($"/proc/{processId}/exe", returnFinalTarget: false)?.FullName
                : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
