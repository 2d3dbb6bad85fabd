using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Known;

/// <summary>Everything that was measured.</summary>
internal sealed record KnownReport(Machine Machine, int Files, IReadOnlyList<KnownSample> Samples);
