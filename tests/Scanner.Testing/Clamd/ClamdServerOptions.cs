namespace Scanner.Testing.Clamd;

/// <summary>How a <see cref="ClamdServer"/> is set up. Changed values hold from the next start on.</summary>
public sealed class ClamdServerOptions
{
    /// <summary>Scans at the same time, 1 to 256.</summary>
    public int MaxThreads { get; set; } = 4;

    /// <summary>Scans waiting and running. clamd wants at least twice <see cref="MaxThreads"/>.</summary>
    public int MaxQueue { get; set; } = 100;

    /// <summary>In clamd's notation, as <c>20M</c>; <c>null</c> for clamd's own default.</summary>
    public string? MaxFileSize { get; set; }

    /// <summary>In clamd's notation, as <c>100M</c>; <c>null</c> for clamd's own default.</summary>
    public string? MaxScanSize { get; set; }

    /// <summary>Where database and temporary files go; <c>null</c> for the server's own directory.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>Whether clamd goes on scanning while it loads its database again.</summary>
    public bool ConcurrentReload { get; set; } = true;

    /// <summary>Further lines of clamd.conf.</summary>
    public IList<string> MoreLines { get; } = [];
}
