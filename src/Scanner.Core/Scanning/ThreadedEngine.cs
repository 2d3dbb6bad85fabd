using System.Collections.Concurrent;
using Scanner.Linux;

namespace Scanner.Core.Scanning;

/// <summary>Gives an engine that works on the caller's thread threads of its own.</summary>
public sealed class ThreadedEngine : IScanEngine, IDisposable
{
    private readonly IScanEngine _engine;
    private readonly ConcurrentQueue<Work> _queue = new();
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private readonly Thread[] _threads;

    public ThreadedEngine(IScanEngine engine)
    {
        _engine = engine;
        _threads = new Thread[engine.Concurrency];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Run) { Name = $"{engine.Name} {i}", IsBackground = true };
            _threads[i].Start();
        }
    }

    public string Name => _engine.Name;

    public string Epoch => _engine.Epoch;

    public int Concurrency => _threads.Length;

    public long MaxFileSize => _engine.MaxFileSize;

    public EngineProcess? Process => _engine.Process;

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        Work work = new(target, cancellation);
        _queue.Enqueue(work);
        _count.Post();
        return new ValueTask<Verdict>(work.Task);
    }

    /// <summary>Lets the threads end after what they are at.</summary>
    public void Dispose() => _count.Post((ulong)_threads.Length);

    private void Run()
    {
        while (true)
        {
            _count.Take();
            if (!_queue.TryDequeue(out Work? work))
            {
                return;
            }

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
        }
    }

    /// <summary>Continuations run on the scanning thread: it is the one that has just become free.</summary>
    private sealed class Work(ScanTarget target, CancellationToken cancellation) : TaskCompletionSource<Verdict>
    {
        public ScanTarget Target => target;

        public CancellationToken Cancellation => cancellation;
    }
}
