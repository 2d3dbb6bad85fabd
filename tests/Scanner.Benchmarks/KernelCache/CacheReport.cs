using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>Everything that was measured, and why something was not.</summary>
internal sealed record CacheReport(
    Machine Machine,
    int Files,
    IReadOnlyList<CacheSample> Samples,
    IReadOnlyList<CounterLine> Counters,
    IReadOnlyList<string> Skipped)
{
    /// <summary>Ratios to where nobody is asked, each formed within a round; none if that was not measured.</summary>
    public IReadOnlyList<double> Ratios(IEnumerable<CacheSample> cell, Func<CacheSample, double> value) =>
    [
        .. from sample in cell
           from other in Samples
           where other.Answerer == Answerer.Nobody
               && (other.Round, other.Place, other.Deed) == (sample.Round, sample.Place, sample.Deed)
           select value(sample) / value(other),
    ];

    /// <summary>All samples of a deed with one answerer.</summary>
    public IReadOnlyList<CacheSample> Cell(ScratchKind place, string deed, Answerer answerer) =>
    [
        .. Samples.Where(sample => (sample.Place, sample.Deed, sample.Answerer) == (place, deed, answerer)),
    ];
}
