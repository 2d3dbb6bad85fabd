namespace Scanner.Benchmarks;

/// <summary>What openers shall do.</summary>
/// <param name="Files">The files they go round.</param>
/// <param name="Openers">How many processes.</param>
/// <param name="Time">They end after this time,</param>
/// <param name="Cpu">The CPU they stay on; <c>null</c> for any.</param>
internal sealed record OpenerPlan(IReadOnlyList<string> Files, int Openers, TimeSpan Time, int? Cpu)
{
    /// <summary>Opens per second that no machine reaches: what memory for the measured times is reserved for.</summary>
    private const double MostOpensPerSecond = 4e6;

    /// <summary>or after so many opens each, whichever comes first.</summary>
    public int Iterations { get; init; } = (int)(MostOpensPerSecond * Time.TotalSeconds / Openers);
}
