using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Keeping;

/// <summary>Everything that was measured.</summary>
/// <param name="Machine">Where.</param>
/// <param name="InlineNs">What a slot costs an event that is answered at once.</param>
/// <param name="ScannedNs">What a slot and a file handle cost an event that is scanned.</param>
/// <param name="RestBuiltIn">At rest with the built-in engine.</param>
/// <param name="RestClamd">At rest with clamd.</param>
/// <param name="Opens">How many opens waited when a worker was killed.</param>
/// <param name="CrashMs">From then until all were answered, round by round.</param>
internal sealed record KeepingReport(
    Machine Machine,
    double InlineNs,
    double ScannedNs,
    RestSample RestBuiltIn,
    RestSample RestClamd,
    int Opens,
    IReadOnlyList<double> CrashMs);
