using Scanner.Benchmarks.Passes;

namespace Scanner.Benchmarks.Reporting;

/// <summary>Everything that was measured.</summary>
internal sealed record Report(
    Machine Machine,
    IReadOnlyList<Row> Cells,
    IReadOnlyList<SystemCallSample> SystemCalls,
    IReadOnlyList<KillSample> Kills,
    IReadOnlyList<Sample> Samples);
