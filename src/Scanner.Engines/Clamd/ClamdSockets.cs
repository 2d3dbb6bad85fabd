namespace Scanner.Engines.Clamd;

/// <summary>Where distributions have clamd listen.</summary>
public static class ClamdSockets
{
    /// <summary>Debian's path first, then those of Fedora and its relatives, Arch and SUSE.</summary>
    public static IReadOnlyList<string> UsualPaths { get; } =
    [
        "/run/clamav/clamd.ctl",
        "/var/run/clamav/clamd.ctl",
        "/run/clamd.scan/clamd.sock",
        "/var/run/clamd.scan/clamd.sock",
        "/run/clamd/clamd.sock",
        "/run/clamav/clamd.sock",
        "/run/clamav/clamd-socket",
        "/run/clamav/clamd.socket",
    ];

    /// <summary>The first of the usual paths at which a clamd answers to PING.</summary>
    /// <param name="limit">How long each may take; 300 ms unless said otherwise.</param>
    /// <returns><c>null</c> if none does.</returns>
    public static string? TryFindReachable(TimeSpan? limit = null) => TryFindReachable(UsualPaths, limit);

    /// <summary>As <see cref="TryFindReachable(TimeSpan?)"/>, of other paths.</summary>
    public static string? TryFindReachable(IEnumerable<string> paths, TimeSpan? limit = null) =>
        paths.FirstOrDefault(path => Answers(path, limit ?? TimeSpan.FromMilliseconds(300)));

    private static bool Answers(string path, TimeSpan limit)
    {
        using ClamdChannel? channel = ClamdChannel.TryOpen(path, limit, limit, TimeProvider.System);
        return channel?.TryPing() == true;
    }
}
