namespace Scanner.Core.Listening;

/// <summary>What readers count instead of logging it.</summary>
internal sealed class ListeningCounters
{
    private long _queueFull;
    private long _unreadable;
    private long _failed;
    private long _notInOrder;

    /// <summary>Events answered with the <c>queue full</c> action because no slot was free.</summary>
    public long QueueFull => Interlocked.Read(ref _queueFull);

    /// <summary>Events whose file the kernel could not open for us; it has denied those opens itself.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <summary>Events on which a reader threw; answered with the <c>internal error</c> action.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Things told of that keep a file system from being watched as it should be.</summary>
    public long NotInOrder => Interlocked.Read(ref _notInOrder);

    public void CountQueueFull() => Interlocked.Increment(ref _queueFull);

    public void CountUnreadable() => Interlocked.Increment(ref _unreadable);

    public void CountFailed() => Interlocked.Increment(ref _failed);

    public void CountNotInOrder() => Interlocked.Increment(ref _notInOrder);
}
