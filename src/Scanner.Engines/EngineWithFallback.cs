using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Engines;

/// <summary>An engine, and another that is asked while the first cannot be reached.</summary>
/// <remarks>
/// What the fallback calls clean is the answer, although it knows less than the engine it stands in for: that is what
/// configuring a fallback means. Its verdicts are marked (<see cref="Verdict.StandIn"/>), so that none of them is kept
/// once the first engine is back. Only an engine that cannot be reached is stood in for: an error that content causes
/// is not a way to a weaker engine.
/// </remarks>
/// <param name="primary">The engine; owned by this object.</param>
/// <param name="fallback">Asked when the engine cannot be reached; owned by this object.</param>
public sealed class EngineWithFallback(IScanEngine primary, IScanEngine fallback) : IScanEngine, IDisposable
{
    public string Name => primary.Name;

    /// <summary>The first engine's: verdicts of the fallback belong to no epoch.</summary>
    public EngineEpoch Epoch => primary.Epoch;

    public event Action? EpochChanged
    {
        add => primary.EpochChanged += value;
        remove => primary.EpochChanged -= value;
    }

    public int Concurrency => primary.Concurrency;

    public long MaxFileSize => primary.MaxFileSize;

    public EngineProcess? Process => primary.Process;

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        ValueTask<Verdict> first = primary.ScanAsync(target, cancellation);
        if (!first.IsCompletedSuccessfully)
        {
            return AwaitAsync(first, target, cancellation);
        }

        Verdict verdict = first.Result;
        return IsUnavailable(verdict) ? StandInAsync(target, cancellation) : ValueTask.FromResult(verdict);
    }

    public void Dispose()
    {
        (primary as IDisposable)?.Dispose();
        (fallback as IDisposable)?.Dispose();
    }

    private static bool IsUnavailable(Verdict verdict) =>
        verdict is { Kind: VerdictKind.NotScannable, Reason: FailureReason.EngineUnavailable };

    private async ValueTask<Verdict> AwaitAsync(
        ValueTask<Verdict> first, ScanTarget target, CancellationToken cancellation)
    {
        Verdict verdict = await first;
        return IsUnavailable(verdict) ? await StandInAsync(target, cancellation) : verdict;
    }

    private async ValueTask<Verdict> StandInAsync(ScanTarget target, CancellationToken cancellation) =>
        (await fallback.ScanAsync(target, cancellation)).By(fallback.Name);
}
