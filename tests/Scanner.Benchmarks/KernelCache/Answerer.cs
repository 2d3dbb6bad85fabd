namespace Scanner.Benchmarks.KernelCache;

/// <summary>Who answers the opens of files that the kernel may learn to pass unasked.</summary>
internal enum Answerer
{
    /// <summary>Nobody is asked.</summary>
    Nobody,

    /// <summary>The allow-everything responder in C.</summary>
    Responder,

    /// <summary><c>scannerd watch --engine signatures</c>.</summary>
    Scannerd,

    /// <summary>The same with <c>--no-kernel-marks --kept-leases 0</c>: asked at every open.</summary>
    AskedScannerd,

    /// <summary><c>scannerd watch --engine clamd:</c>.</summary>
    ScannerdWithClamd,

    /// <summary>ClamAV's own on-access scanner, with prevention.</summary>
    Clamonacc,
}
