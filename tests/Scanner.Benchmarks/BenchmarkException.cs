namespace Scanner.Benchmarks;

/// <summary>Why nothing sound can be measured, in words for the person who started the benchmark.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
