using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>One answerer's part of a round.</summary>
/// <param name="Round">The round.</param>
/// <param name="Answerer">Who answers.</param>
/// <param name="Responder">The same, running; <c>null</c> where nobody answers.</param>
internal sealed record Turn(int Round, Answerer Answerer, IResponder? Responder)
{
    /// <summary>Who works for the answerer.</summary>
    public IReadOnlyList<int> ProcessIds { get; init; } = Responder?.ProcessIds ?? [];

    /// <summary>Files that the kernel passes unasked.</summary>
    public int? CountPassed() => Responder is null ? null : KernelState.CountPassedInodes(Responder.Process.Id);

    /// <summary>Waits until nobody works any more.</summary>
    public Task WaitUntilQuietAsync(CancellationToken cancellation) => Quiet.WaitAsync(ProcessIds, cancellation);

    /// <summary>What was measured in this turn.</summary>
    public CacheSample Sample(ScratchKind place, string deed, double us) => new(Round, place, deed, Answerer, us);
}
