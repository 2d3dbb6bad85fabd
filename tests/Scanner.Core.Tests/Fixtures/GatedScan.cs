using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>One scan of a <see cref="GatedEngine"/>; it ends when the test sets its result.</summary>
internal sealed class GatedScan(long size, CancellationToken cancellation)
    : TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Size => size;

    public CancellationToken Cancellation => cancellation;
}
