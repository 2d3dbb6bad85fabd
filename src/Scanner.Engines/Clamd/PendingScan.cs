using Scanner.Core.Scanning;

namespace Scanner.Engines.Clamd;

/// <summary>A request that was sent and waits for its reply.</summary>
/// <remarks>
/// Ended by whichever comes first: the reply, the end of the session, or the waiter's cancellation. After a
/// cancellation it stays in its session's table, and keeps its place, because clamd still works on it and its reply
/// still comes. Continuations run on the completing thread.
/// </remarks>
/// <param name="sentAt">By the session's clock.</param>
/// <param name="place">What it takes of clamd.</param>
internal sealed class PendingScan(long sentAt, IScanPlace? place) : TaskCompletionSource<ScanOutcome>
{
    public long SentAt => sentAt;

    /// <summary>Releases the waiter: clamd has answered, or never will.</summary>
    public void Complete(ScanOutcome outcome)
    {
        if (!TrySetResult(outcome))
        {
            place?.GiveBack();
        }
    }

    /// <summary>Releases the waiter, while clamd goes on.</summary>
    public void Abandon(CancellationToken cancellation)
    {
        place?.Keep();
        if (!TrySetCanceled(cancellation))
        {
            place?.GiveBack();
        }
    }
}
