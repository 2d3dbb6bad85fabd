using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>One scan of a <see cref="GatedEngine"/>; it ends when the test sets its result.</summary>
internal sealed class GatedScan(ScanTarget target, CancellationToken cancellation)
    : TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Size => target.Size;

    public IScanPlace? Place => target.Place;

    public CancellationToken Cancellation => cancellation;
}
