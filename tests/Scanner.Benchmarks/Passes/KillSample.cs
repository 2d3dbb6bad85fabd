namespace Scanner.Benchmarks.Passes;

/// <summary>What openers of clean files saw while the worker was killed once.</summary>
/// <param name="Undisturbed">The same openers on the same daemon just before, with no kill.</param>
/// <param name="Killed">With one kill.</param>
internal sealed record KillSample(OpenerResult Undisturbed, OpenerResult Killed);
