namespace Scanner.Core.Policy;

/// <summary>Which engine scans.</summary>
/// <param name="Kind">The engine.</param>
/// <param name="Location">
/// For clamd the path of its socket; for the built-in engine the directory of its hash lists, <c>null</c> for
/// <c>signatures</c> in the state directory, if there is such a directory.
/// </param>
/// <param name="Why">Why this one, for the start line.</param>
public sealed record EngineChoice(EngineKind Kind, string? Location, string Why);
