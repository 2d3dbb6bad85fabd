namespace Scanner.Benchmarks.Stalled;

/// <param name="Rounds">In each, every cell is measured once.</param>
/// <param name="Pending">Opens that wait throughout, in one group.</param>
/// <param name="Scannerd">The daemon to measure; <c>null</c> for the one that was built from this checkout.</param>
internal sealed record StalledOptions(int Rounds, int Pending, string? Scannerd)
{
    /// <summary>Openers of known files at a time, beside those that wait.</summary>
    public static IReadOnlyList<int> OpenerCounts => [1, 4, 16];

    /// <summary>How long one cell is measured.</summary>
    public static TimeSpan CellTime => TimeSpan.FromSeconds(1);
}
