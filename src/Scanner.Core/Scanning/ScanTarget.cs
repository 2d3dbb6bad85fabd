using Scanner.Core.Caching;
using Scanner.Linux.Files;

namespace Scanner.Core.Scanning;

/// <summary>One file version to scan.</summary>
/// <param name="Content">The content, borrowed for the time of the scan.</param>
/// <param name="Size">The size in bytes when the event was read; the file may change while it is scanned.</param>
public readonly record struct ScanTarget(ContentDescriptor Content, long Size)
{
    /// <summary>By what a verdict on the file may be found and kept.</summary>
    public VersionTrust Trust { get; init; }

    /// <summary>
    /// The version, where a verdict from before this start holds for it: under a lease, on a fixed disk.
    /// </summary>
    public FileVersion? StoredVersion { get; init; }

    /// <summary>
    /// Whether a server delivers the content: to read it, or to close a descriptor of it, may take for ever.
    /// </summary>
    public bool IsServed { get; init; }

    /// <summary>The place that the scan takes; <c>null</c> where nobody counts.</summary>
    public IScanPlace? Place { get; init; }
}
