namespace Scanner.Core.Scanning;

/// <summary>What an engine says about content.</summary>
public enum VerdictKind : byte
{
    /// <summary>
    /// The engine did not look, or could not look at everything. The default, so that nothing is clean by omission.
    /// </summary>
    NotScannable = 0,
    Clean = 1,
    Infected = 2,
}
