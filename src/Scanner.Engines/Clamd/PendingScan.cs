namespace Scanner.Engines.Clamd;

/// <summary>A request that was sent and waits for its reply.</summary>
/// <remarks>
/// Completed by whichever comes first: the reply, the end of the session, or the waiter's cancellation. After a
/// cancellation it stays in its session's table, because clamd still works on it and its reply still comes. Continuations
/// run on the completing thread.
/// </remarks>
/// <param name="sentAt">By the session's clock.</param>
internal sealed class PendingScan(long sentAt) : TaskCompletionSource<ScanOutcome>
{
    public long SentAt => sentAt;
}
