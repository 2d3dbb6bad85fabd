using Scanner.Benchmarks.KernelCache;

namespace Scanner.Benchmarks.Marks;

/// <summary>What was measured with one answerer in one round.</summary>
/// <param name="Round">Samples of one round are compared with one another.</param>
/// <param name="Answerer">Who answers.</param>
/// <param name="Opens">Opens of some of the files, each opened before.</param>
internal sealed record MarksSample(int Round, Answerer Answerer, OpenerResult Opens)
{
    /// <summary>Files that were scanned before.</summary>
    public int Scanned { get; init; }

    /// <summary>The time it took to have them scanned.</summary>
    public double ScanSeconds { get; init; }

    /// <summary>Files that the kernel passes unasked then.</summary>
    public int Unasked { get; init; }

    /// <summary>A new signature list; <c>null</c> where nobody scans.</summary>
    public ReloadTimes? Reload { get; init; }

    /// <summary>From the signal until the daemon has ended.</summary>
    public double StopSeconds { get; init; }
}
