using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Threads for what reads files, or looks at processes, and waits for them.</summary>
/// <remarks>
/// A read of a file can hang in the kernel, and no cancellation ends it: a lock that a user holds, a disk that died. A
/// thread whose work is cancelled is replaced, and ends if it ever comes back.
/// </remarks>
/// <typeparam name="TTarget">What there is something to do with.</typeparam>
/// <typeparam name="TResult">What comes of it.</typeparam>
internal sealed class ScanThreads<TTarget, TResult> : IDisposable
{
    /// <summary>Beyond it the work goes on with fewer threads: so many files hang that more will.</summary>
    private const int MostReplaced = 64;

    private readonly string _name;
    private readonly Func<TTarget, CancellationToken, TResult> _work;
    private readonly ConcurrentQueue<Work> _queue = new();
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private readonly int _threads;
    private readonly int _priority;
    private int _replaced;

    /// <param name="name">The threads' name.</param>
    /// <param name="threads">How many.</param>
    /// <param name="work">What they do; ends early, with an exception, when it is cancelled.</param>
    /// <param name="priority">As <see cref="OwnProcess.TrySetThreadPriority"/> takes it.</param>
    public ScanThreads(string name, int threads, Func<TTarget, CancellationToken, TResult> work, int priority = 0)
    {
        _name = name;
        _threads = threads;
        _priority = priority;
        _work = work;
        for (int i = 0; i < threads; i++)
        {
            StartThread();
        }
    }

    /// <summary>How many hang.</summary>
    public int Hanging => Volatile.Read(ref _replaced);

    /// <summary>Those that hang count on, against whom they hang for; each has another beside it.</summary>
    public int Count => _threads + Hanging;

    /// <summary>Leaves work for the next free thread. Its continuation runs on that thread.</summary>
    public Task<TResult> Run(TTarget target, CancellationToken cancellation)
    {
        Work work = new(this, target, cancellation);
        _queue.Enqueue(work);
        _count.Post();
        return work.Task;
    }

    /// <summary>Lets the threads end after what they are at.</summary>
    public void Dispose() => _count.Post((ulong)(_threads + MostReplaced));

    private void Run()
    {
        _ = OwnProcess.TrySetThreadPriority(_priority);
        while (true)
        {
            _count.Take();
            if (!_queue.TryDequeue(out Work? work))
            {
                return;
            }

            if (work.Cancellation.IsCancellationRequested)
            {
                work.SetCanceled(work.Cancellation);
                continue;
            }

            if (Do(work))
            {
                Interlocked.Decrement(ref _replaced);
                return;
            }
        }
    }

    /// <returns>Whether another thread has taken the place of this one.</returns>
    private bool Do(Work work)
    {
        TResult? result = default;
        Exception? thrown = null;
        bool isReplaced;
        using (work.Cancellation.UnsafeRegister(static state => ((Work)state!).Replace(), work))
        {
            try
            {
                result = _work(work.Target, work.Cancellation);
            }
            catch (Exception error)
            {
                thrown = error;
            }

            isReplaced = work.End();
        }

        if (thrown is OperationCanceledException)
        {
            work.SetCanceled(work.Cancellation);
        }
        else if (thrown is not null)
        {
            work.SetException(thrown);
        }
        else
        {
            work.SetResult(result!);
        }

        return isReplaced;
    }

    private void StartThread() => new Thread(Run) { Name = _name, IsBackground = true }.Start();

    private bool TryReplaceThread()
    {
        if (Interlocked.Increment(ref _replaced) > MostReplaced)
        {
            Interlocked.Decrement(ref _replaced);
            return false;
        }

        try
        {
            StartThread();
            return true;
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            Interlocked.Decrement(ref _replaced);
            return false;
        }
    }

    /// <summary>Continuations run on the scanning thread: it is the one that has just become free.</summary>
    private sealed class Work(ScanThreads<TTarget, TResult> threads, TTarget target, CancellationToken cancellation)
        : TaskCompletionSource<TResult>
    {
        private const int Running = 0;
        private const int Replaced = 1;
        private const int Ended = 2;

        private int _state;

        public TTarget Target => target;

        public CancellationToken Cancellation => cancellation;

        /// <summary>The work is cancelled: another thread takes the place of the one that is at it.</summary>
        public void Replace()
        {
            if (Interlocked.CompareExchange(ref _state, Replaced, Running) == Running && !threads.TryReplaceThread())
            {
                Volatile.Write(ref _state, Running);
            }
        }

        /// <summary>The work has ended.</summary>
        /// <returns>Whether another thread has taken the place of this one.</returns>
        public bool End() => Interlocked.CompareExchange(ref _state, Ended, Running) == Replaced;
    }
}
