namespace Scanner.Benchmarks.Clamd;

/// <summary>Who has clamd scan the files that are opened.</summary>
internal enum ClamdRoute
{
    /// <summary>Nobody: the allow-everything responder in C.</summary>
    Responder,

    /// <summary>The openers themselves, in C.</summary>
    Client,

    /// <summary><c>scannerd watch --engine clamd:</c>.</summary>
    Scannerd,

    /// <summary>ClamAV's own on-access scanner, with prevention.</summary>
    Clamonacc,
}
