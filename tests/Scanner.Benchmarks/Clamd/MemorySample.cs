namespace Scanner.Benchmarks.Clamd;

/// <summary>Anonymous memory of the worker at two moments, in bytes.</summary>
internal sealed record MemorySample(int EarlyScans, long EarlyBytes, int LateScans, long LateBytes);
