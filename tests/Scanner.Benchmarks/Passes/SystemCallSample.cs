namespace Scanner.Benchmarks.Passes;

/// <summary>The system calls that the reading process made for one event.</summary>
/// <param name="Tracer">Who counted.</param>
/// <param name="Route">Who answered.</param>
/// <param name="Files">What was opened.</param>
/// <param name="PerEvent">All system calls, per event.</param>
/// <param name="ByName">The same by name, the most frequent first; empty where the tracer does not tell.</param>
internal sealed record SystemCallSample(
    string Tracer, Route Route, FileKind Files, double PerEvent, IReadOnlyList<KeyValuePair<string, double>> ByName);
