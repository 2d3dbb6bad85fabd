using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Engines.Clamd;

/// <summary>How one attempt to have a file scanned ended.</summary>
/// <param name="Breakdown">Why there is no reply; <see cref="Breakdown.None"/> if there is one.</param>
/// <param name="Reply">The reply, if there is one.</param>
internal readonly record struct ScanOutcome(Breakdown Breakdown, ScanReply Reply = default)
{
    /// <remarks>
    /// A clamd that takes requests and ends without answering, twice, is in error, not away: otherwise content that
    /// crashes it would be decided by a weaker engine.
    /// </remarks>
    public Verdict ToVerdict() => Breakdown switch
    {
        Breakdown.None => Reply.ToVerdict(),
        Breakdown.NotConnected => Verdict.NotScannable(FailureReason.EngineUnavailable),
        _ => Verdict.NotScannable(FailureReason.EngineError),
    };
}
