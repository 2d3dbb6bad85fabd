namespace Scanner.Benchmarks.Passes;

/// <summary>One cell, measured once.</summary>
/// <param name="Round">Samples of one round are compared with one another.</param>
/// <param name="Cell">What was measured.</param>
/// <param name="Opener">What the openers saw.</param>
/// <param name="CpuMicrosecondsPerEvent">CPU time of all who answer, per open; <c>null</c> where nobody does.</param>
internal sealed record Sample(int Round, Cell Cell, OpenerResult Opener, double? CpuMicrosecondsPerEvent);
