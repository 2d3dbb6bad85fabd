namespace Scanner.Benchmarks.Marks;

/// <summary>What <c>bench_reload</c> says, in milliseconds from the moment at which the list was replaced.</summary>
/// <param name="FreshMs">A file that was never opened is judged by the new list.</param>
/// <param name="KnownMs">So is one that the old list had let through.</param>
/// <param name="LongestMs">The longest that an open took meanwhile.</param>
internal sealed record ReloadTimes(double FreshMs, double KnownMs, double LongestMs)
{
    /// <summary>From the engine's having the new list until nothing is answered by the old one.</summary>
    public double ReplacedMs => KnownMs - FreshMs;
}
