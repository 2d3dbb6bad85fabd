namespace Scanner.Stores.Sqlite;

/// <summary>What waits for the writer. Its lock is held for a copy of some hundred bytes, never during I/O.</summary>
internal sealed class WriteQueue(int capacity, TimeSpan delay)
{
    /// <summary>This many are worth a transaction of their own, whatever the delay.</summary>
    public const int BatchSize = 1_000;

    private readonly Lock _lock = new();

    // Never disposed: somebody may raise one just when the queue is closed.
    private readonly AutoResetEvent _first = new(false);
    private readonly AutoResetEvent _hurry = new(false);
    private List<Entry> _waiting = [];
    private List<Entry> _taken = [];
    private List<TaskCompletionSource> _flushes = [];
    private bool _isClosed;

    /// <returns><c>false</c> if the queue is full or closed: the entry is lost.</returns>
    public bool TryAdd(in Entry entry)
    {
        int count;
        lock (_lock)
        {
            if (_isClosed || _waiting.Count >= capacity)
            {
                return false;
            }

            _waiting.Add(entry);
            count = _waiting.Count;
        }

        if (count == 1)
        {
            _first.Set();
        }
        else if (count == BatchSize)
        {
            _hurry.Set();
        }

        return true;
    }

    /// <summary>Completes when all that was added before is written or lost.</summary>
    public Task FlushAsync()
    {
        TaskCompletionSource flush = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isClosed)
            {
                return Task.CompletedTask;
            }

            _flushes.Add(flush);
        }

        Hurry();
        return flush.Task;
    }

    /// <summary>Has the writer look at once.</summary>
    public void Hurry()
    {
        _hurry.Set();
        _first.Set();
    }

    /// <summary>Takes no more; what waits is still taken.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        Hurry();
    }

    /// <summary>Waits until there is something, and then a little for more; only one thread does this.</summary>
    /// <param name="patience">How long to wait for something; then the batch is empty.</param>
    /// <returns>A batch that is valid until the next call.</returns>
    public WriteBatch Take(TimeSpan patience)
    {
        if (_first.WaitOne(patience))
        {
            _hurry.WaitOne(delay);
        }

        lock (_lock)
        {
            (_waiting, _taken) = (_taken, _waiting);
            _waiting.Clear();
            WriteBatch batch = new(_taken, _flushes, _isClosed);
            _flushes = [];
            return batch;
        }
    }
}
