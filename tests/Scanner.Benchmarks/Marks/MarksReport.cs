using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Marks;

/// <summary>Everything that was measured.</summary>
internal sealed record MarksReport(Machine Machine, int Files, IReadOnlyList<MarksSample> Samples);
