namespace Scanner.Benchmarks.Store;

/// <param name="Files">Verdicts on files.</param>
/// <param name="Contents">Verdicts on contents.</param>
/// <param name="LookUps">Of each kind, by each thread.</param>
/// <param name="Directory">Where the store's directory is made.</param>
internal sealed record StoreBenchmarkOptions(int Files, int Contents, int LookUps, string Directory);
