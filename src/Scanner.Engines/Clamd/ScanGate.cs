namespace Scanner.Engines.Clamd;

/// <summary>Keeps the requests that clamd works on below a number; the rest waits here, in order of arrival.</summary>
/// <remarks>
/// clamd's receiving thread blocks while its queue is full, and then answers not even PING, so the queue must never
/// fill because of us. A place is given back when the reply comes or the session ends, not when the waiter gives up:
/// clamd does not know of that and goes on scanning.
/// </remarks>
internal sealed class ScanGate(int limit)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _limit = limit;
    private int _inside;

    /// <summary>Changes how many may be inside: those who wait come in, or those inside leave until they are few enough.</summary>
    public void SetLimit(int limit)
    {
        lock (_lock)
        {
            _limit = limit;
        }

        while (TryTakeNewPlace() is { } next)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Gate.Admit(state.Next), (Gate: this, Next: next), false);
        }
    }

    /// <summary>Takes a place; each is to be given back by <see cref="Leave"/>.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting; no place was taken.</exception>
    public ValueTask EnterAsync(CancellationToken cancellation)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (_inside < _limit)
            {
                _inside++;
                return ValueTask.CompletedTask;
            }

            place = _waiting.AddLast(new TaskCompletionSource());
        }

        return WaitAsync(place, cancellation);
    }

    /// <summary>Gives a place back, to the first who waits if there is one.</summary>
    /// <param name="mayRunWaiter">
    /// Whether the one who waited goes on within this call. Not where that one may come here again in the same way: with
    /// clamd gone and thousands waiting the stack would not be deep enough.
    /// </param>
    public void Leave(bool mayRunWaiter)
    {
        while (TryTakeNext() is { } next)
        {
            if (!mayRunWaiter)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static state => state.Gate.Admit(state.Next), (Gate: this, Next: next), false);
                return;
            }

            // A waiter that was cancelled meanwhile leaves the place for the next one.
            if (next.TrySetResult())
            {
                return;
            }
        }
    }

    private void Admit(TaskCompletionSource next)
    {
        if (!next.TrySetResult())
        {
            Leave(mayRunWaiter: false);
        }
    }

    /// <returns><c>null</c> if there is no place or nobody waits.</returns>
    private TaskCompletionSource? TryTakeNewPlace()
    {
        lock (_lock)
        {
            if (_inside >= _limit || _waiting.First is not { } first)
            {
                return null;
            }

            _inside++;
            _waiting.RemoveFirst();
            return first.Value;
        }
    }

    /// <returns><c>null</c> if nobody gets the place that is given back.</returns>
    private TaskCompletionSource? TryTakeNext()
    {
        lock (_lock)
        {
            if (_inside > _limit || _waiting.First is not { } first)
            {
                _inside--;
                return null;
            }

            _waiting.RemoveFirst();
            return first.Value;
        }
    }

    private async ValueTask WaitAsync(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), place.Value);
        try
        {
            await place.Value.Task;
        }
        catch (OperationCanceledException)
        {
            Remove(place);
            throw;
        }
    }

    /// <summary>So that a clamd that hangs does not collect those that have given up.</summary>
    private void Remove(LinkedListNode<TaskCompletionSource> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
            {
                _waiting.Remove(place);
            }
        }
    }
}
