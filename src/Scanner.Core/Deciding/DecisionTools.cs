using Scanner.Core.Policy;
using Scanner.Core.Recording;
using Scanner.Core.Scanning;

namespace Scanner.Core.Deciding;

/// <summary>What every decision is made with.</summary>
internal sealed record DecisionTools(
    WatchOptions Options, Gate Gate, IScanEngine Engine, Recorder Recorder, FaultPlan Faults, TimeProvider Time)
{
    public DeadlineRule Deadlines { get; } = new(Options.Deadline);
}
