using System.Collections.Concurrent;
using Scanner.Linux;

namespace Scanner.Core.Scanning;

/// <summary>Gives an engine that works on the caller's thread threads of its own.</summary>
/// <remarks>
/// A read of a file can hang in the kernel, and no cancellation ends it: a lock that a user holds, a disk that died. A
/// thread whose scan is cancelled is replaced, and ends if it ever comes back.
/// </remarks>
public sealed class ThreadedEngine : IScanEngine, IDisposable
{
    /// <summary>Beyond it the engine goes on with fewer threads: so many files hang that more will.</summary>
    private const int MostReplaced = 64;

    private readonly IScanEngine _engine;
    private readonly ConcurrentQueue<Work> _queue = new();
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private readonly int _threads;
    private int _replaced;

    public ThreadedEngine(IScanEngine engine)
    {
        _engine = engine;
        _threads = engine.Concurrency;
        for (int i = 0; i < _threads; i++)
        {
            StartThread();
        }
    }

    public string Name => _engine.Name;

    public EngineEpoch Epoch => _engine.Epoch;

    /// <summary>Those that hang count on, against whom they hang for; each has another beside it.</summary>
    public int Concurrency => _threads + Volatile.Read(ref _replaced);

    public long MaxFileSize => _engine.MaxFileSize;

    public EngineProcess? Process => _engine.Process;

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        Work work = new(this, target, cancellation);
        _queue.Enqueue(work);
        _count.Post();
        return new ValueTask<Verdict>(work.Task);
    }

    /// <summary>Lets the threads end after what they are at.</summary>
    public void Dispose() => _count.Post((ulong)(_threads + MostReplaced));

    private void Run()
    {
        while (true)
        {
            _count.Take();
            if (!_queue.TryDequeue(out Work? work))
            {
                return;
            }

            if (work.Cancellation.IsCancellationRequested)
            {
                work.SetCanceled();
                continue;
            }

            using CancellationTokenRegistration replacing = work.Cancellation.UnsafeRegister(
                static state => ((Work)state!).Replace(), work);
            try
            {
                // Complete when it returns: the engine works, it does not wait.
                ValueTask<Verdict> scan = _engine.ScanAsync(work.Target, work.Cancellation);
                work.SetResult(scan.GetAwaiter().GetResult());
            }
            catch (OperationCanceledException)
            {
                work.SetCanceled();
            }
            catch (Exception error)
            {
                work.SetException(error);
            }

            if (work.End())
            {
                Interlocked.Decrement(ref _replaced);
                return;
            }
        }
    }

    private void StartThread() => new Thread(Run) { Name = _engine.Name, IsBackground = true }.Start();

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
    private sealed class Work(ThreadedEngine engine, ScanTarget target, CancellationToken cancellation)
        : TaskCompletionSource<Verdict>
    {
        private const int Running = 0;
        private const int Replaced = 1;
        private const int Ended = 2;

        private int _state;

        public ScanTarget Target => target;

        public CancellationToken Cancellation => cancellation;

        /// <summary>The scan is cancelled: another thread takes the place of the one that is at it.</summary>
        public void Replace()
        {
            if (Interlocked.CompareExchange(ref _state, Replaced, Running) == Running && !engine.TryReplaceThread())
            {
                Volatile.Write(ref _state, Running);
            }
        }

        /// <summary>The scan has ended.</summary>
        /// <returns>Whether another thread has taken the place of this one.</returns>
        public bool End() => Interlocked.CompareExchange(ref _state, Ended, Running) == Replaced;
    }
}
