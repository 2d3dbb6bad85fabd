namespace Scanner.Benchmarks.KernelCache;

/// <summary>One deed, done once where somebody answers.</summary>
/// <param name="Round">Samples of one round are compared with one another.</param>
/// <param name="Place">The file system that it was done on.</param>
/// <param name="Deed">What was done.</param>
/// <param name="Answerer">Who answered.</param>
/// <param name="Us">How long it took in microseconds: of many opens, the median.</param>
internal sealed record CacheSample(int Round, ScratchKind Place, string Deed, Answerer Answerer, double Us)
{
    /// <summary>Of many opens, the mean.</summary>
    public double? MeanUs { get; init; }

    /// <summary>Of many opens, the 99th percentile.</summary>
    public double? P99Us { get; init; }

    /// <summary>CPU time of all who answer, clamd included; <c>null</c> where nobody does.</summary>
    public double? CpuUs { get; init; }

    /// <summary>Files that the kernel passes unasked when it begins, or leases that are kept on them.</summary>
    public int? Unasked { get; init; }
}
