namespace Scanner.Engines.Clamd;

/// <summary>Asks clamd's log, where it keeps one, whether a reload failed: it says so nowhere else.</summary>
/// <remarks>Where there is no log, or it has grown beyond a limit meanwhile, a failure is not seen.</remarks>
/// <param name="path">The log; <c>null</c> if none is known.</param>
internal sealed class ClamdLog(string? path)
{
    private const int MostBytes = 4 << 20;

    private long _mark;

    /// <summary>What was logged until now does not count.</summary>
    public void Mark()
    {
        try
        {
            _mark = path is not null && File.Exists(path) ? new FileInfo(path).Length : 0;
        }
        catch (IOException)
        {
            // Rotated at this moment.
            _mark = 0;
        }
    }

    /// <summary>Whether a reload has failed since the mark, as far as the log tells.</summary>
    public bool HasFailure()
    {
        try
        {
            if (path is null || !File.Exists(path))
            {
                return false;
            }

            using FileStream log = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

            // A shorter one is another: it was rotated.
            log.Position = log.Length < _mark ? 0 : _mark;
            byte[] bytes = new byte[Math.Min(MostBytes, log.Length - log.Position)];
            int count = log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes.AsSpan(0, count).IndexOf("Database reload failed"u8) >= 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
