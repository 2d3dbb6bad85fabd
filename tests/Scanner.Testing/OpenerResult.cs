namespace Scanner.Testing;

/// <summary>How an opener ended, and what it printed.</summary>
public sealed record OpenerResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Whether the open failed with EPERM, as a denied open does.</summary>
    public bool WasDenied => ExitCode != 0 && Errors.Contains("Operation not permitted", StringComparison.Ordinal);
}
