using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Does one thing after the other on a thread of its own, for work that may wait for ever.</summary>
/// <remarks>
/// Even to ask for the size of a file that a server delivers, or to close it (FUSE_FLUSH), may take for ever, and so
/// may a look at a process. What hangs here holds up what is left to the same thread, and nobody else. Started when
/// needed.
/// </remarks>
/// <typeparam name="T">What there is something to do with.</typeparam>
/// <param name="name">The thread's name.</param>
/// <param name="work">What is done with each.</param>
/// <param name="priority">As <see cref="OwnProcess.TrySetThreadPriority"/> takes it.</param>
internal sealed class WorkThread<T>(string name, Action<T> work, int priority = 0) : IDisposable
{
    private readonly ConcurrentQueue<T> _queue = new();
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private int _isStarted;
    private volatile bool _isEnding;

    public void Enqueue(T item)
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            new Thread(Run) { Name = name, IsBackground = true }.Start();
        }

        _queue.Enqueue(item);
        _count.Post();
    }

    /// <summary>
    /// Lets the thread end after what it has been given, when that lets it; the counter goes with the thread.
    /// </summary>
    public void Dispose()
    {
        _isEnding = true;
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _count.Dispose();
            return;
        }

        _count.Post();
    }

    private void Run()
    {
        _ = OwnProcess.TrySetThreadPriority(priority);
        while (true)
        {
            _count.Take();
            if (_queue.TryDequeue(out T? item))
            {
                work(item);
            }
            else if (_isEnding)
            {
                _count.Dispose();
                return;
            }
        }
    }
}
