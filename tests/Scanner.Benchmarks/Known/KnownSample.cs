namespace Scanner.Benchmarks.Known;

/// <summary>What was measured of a daemon in one round.</summary>
/// <param name="Round">The number of the round.</param>
/// <param name="FewP50Us">An open of a known file when few files are known.</param>
/// <param name="ManyP50Us">An open of the same files when all are known.</param>
/// <param name="MemoryBytes">What both processes hold together when all are known (proportional set size).</param>
/// <param name="StoreBytes">The store's files, once the daemon has ended.</param>
/// <param name="ReadyMs">From the start of the next daemon until it is ready.</param>
/// <param name="Scans">How many of the few files, opened again, the next daemon had scanned.</param>
internal sealed record KnownSample(
    int Round, double FewP50Us, double ManyP50Us, long MemoryBytes, long StoreBytes, double ReadyMs, long Scans);
