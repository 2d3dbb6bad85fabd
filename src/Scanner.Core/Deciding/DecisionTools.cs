using Scanner.Core.Caching;
using Scanner.Core.Policy;
using Scanner.Core.Recording;
using Scanner.Core.Scanning;

namespace Scanner.Core.Deciding;

/// <summary>What every decision is made with.</summary>
internal sealed record DecisionTools(
    WatchOptions Options,
    Gate Gate,
    IScanEngine Engine,
    KnownVerdicts Known,
    Recorder Recorder,
    ProcessLooks Looks,
    FaultPlan Faults,
    TimeProvider Time)
{
    /// <summary>Bytes of the largest file that is scanned.</summary>
    public long MaxFileSize => Math.Min(Engine.MaxFileSize, Options.MaxFileSize ?? long.MaxValue);

    public DeadlineRule Deadlines { get; } = new(Options.Deadline);
}
