namespace Scanner.Core.Scanning;

/// <summary>The place that a scan takes among those that an engine may be at.</summary>
/// <remarks>
/// It is free again when the scan's task completes. An engine that gives a scan up while somebody else, a server, still
/// works on it keeps the place until that has ended: otherwise one user's abandoned scans would fill the server.
/// </remarks>
public interface IScanPlace
{
    /// <summary>Keeps the place beyond the end of the scan's task; to be called before that.</summary>
    void Keep();

    /// <summary>Gives the kept place back; once for each <see cref="Keep"/>, from any thread.</summary>
    void GiveBack();
}
