namespace Scanner.Benchmarks.Reporting;

/// <summary>The lowest and the highest of some ratios.</summary>
internal sealed record RatioRange(double Lowest, double Highest);
