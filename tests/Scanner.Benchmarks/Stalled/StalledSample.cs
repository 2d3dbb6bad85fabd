namespace Scanner.Benchmarks.Stalled;

/// <summary>One cell, measured once.</summary>
/// <param name="Round">Samples of one round are compared with one another.</param>
/// <param name="Route">Who answers.</param>
/// <param name="Place">Which group the known files are in.</param>
/// <param name="Openers">How many open known files.</param>
/// <param name="Result">What these saw.</param>
internal sealed record StalledSample(int Round, Route Route, StalledPlace Place, int Openers, OpenerResult Result);
