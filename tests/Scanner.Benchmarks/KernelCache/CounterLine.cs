using System.Text.Json;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>What the daemon says at its end that each of its layers has done.</summary>
internal sealed record CounterLine(int Round, ScratchKind Place, Answerer Answerer, JsonElement Counters);
