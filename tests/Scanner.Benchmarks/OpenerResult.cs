namespace Scanner.Benchmarks;

/// <summary>What the openers measured.</summary>
/// <param name="Operations">Opens (each with a read and a close), of all openers together.</param>
/// <param name="Denied">Of these, how many failed with EPERM.</param>
/// <param name="Seconds">From the first opener's begin to the last one's end.</param>
/// <param name="P50Us">Median time of a single open, read and close, in microseconds.</param>
/// <param name="P99Us">99th percentile of the same.</param>
/// <param name="MaxUs">The longest.</param>
internal sealed record OpenerResult(
    long Operations, long Denied, double Seconds, double P50Us, double P99Us, double MaxUs)
{
    /// <summary>
    /// Median time of a scan alone, from request to reply; 0 where the openers do not scan themselves.
    /// </summary>
    public double ScanP50Us { get; init; }

    public double PerSecond => Operations / Seconds;

    /// <summary>Elapsed time per open, in microseconds: what all openers together get done.</summary>
    public double MicrosecondsPerOpen => Seconds * 1e6 / Operations;
}
