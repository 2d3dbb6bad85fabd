namespace Scanner.Core.Scanning;

/// <summary>One generation of an engine's signatures.</summary>
/// <param name="Name">Equal names mean equal signatures, also across restarts.</param>
/// <param name="IsSettled">
/// Whether every scan that begins now is answered from these signatures. While an engine may still answer from those
/// before, its verdicts decide the event at hand and are not kept.
/// </param>
public sealed record EngineEpoch(string Name, bool IsSettled);
