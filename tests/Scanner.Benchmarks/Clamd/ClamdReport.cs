using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Clamd;

/// <summary>Everything that was measured, and why something was not.</summary>
internal sealed record ClamdReport(
    Machine Machine, IReadOnlyList<ClamdSample> Samples, MemorySample? Memory, IReadOnlyList<string> Skipped);
