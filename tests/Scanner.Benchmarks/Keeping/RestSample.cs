namespace Scanner.Benchmarks.Keeping;

/// <summary>What a daemon takes that nobody asks anything.</summary>
/// <param name="MemoryBytes">What both processes hold together (proportional set size).</param>
/// <param name="CpuShare">Their share of one CPU.</param>
internal sealed record RestSample(long MemoryBytes, double CpuShare);
