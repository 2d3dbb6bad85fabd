using System.Globalization;

namespace Scanner.Engines.Clamd;

/// <summary>Tells from clamd's threads whether it is loading a database.</summary>
/// <remarks>
/// clamd loads in a thread of its own (since 0.103, also with ConcurrentDatabaseReload off), and says nothing of it:
/// STATS shows one pool all the while (measured, 1.4.6). Threads that scan block SIGHUP, and SIGSEGV not; the main
/// thread, the one that accepts connections, and one that loads leave SIGHUP open. A thread blocks everything while it
/// is made. So besides threads that scan there are two, and a third is loading.
/// </remarks>
internal static class ClamdThreads
{
    private const int Permanent = 2;
    private const int SIGHUP = 1;
    private const int SIGSEGV = 11;

    /// <returns><c>null</c> if it cannot be told: threads cannot be seen, or are not those of a known clamd.</returns>
    public static bool? TryTellLoading(int processId)
    {
        int others = 0;
        try
        {
            foreach (string thread in Directory.EnumerateDirectories(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task")))
            {
                others += MayLoad(thread) ? 1 : 0;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return others < Permanent ? null : others > Permanent;
    }

    /// <summary>A thread that is gone meanwhile does not load any more.</summary>
    private static bool MayLoad(string thread)
    {
        const string field = "SigBlk:";
        try
        {
            string? line = File.ReadLines(Path.Combine(thread, "status"))
                .FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            string? mask = line?[field.Length..].Trim();
            return !ulong.TryParse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong blocked)
                || !Holds(blocked, SIGHUP)
                || Holds(blocked, SIGSEGV);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Directory.Exists(thread);
        }
    }

    private static bool Holds(ulong mask, int signal) => (mask & (1UL << (signal - 1))) != 0;
}
