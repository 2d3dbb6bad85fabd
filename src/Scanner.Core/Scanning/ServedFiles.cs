using System.Collections.Concurrent;
using Scanner.Linux;

namespace Scanner.Core.Scanning;

/// <summary>Does on a thread of its own what waits for the server of one group's files, or for its disk.</summary>
/// <remarks>
/// Even to ask a served file's size, or to close it (FUSE_FLUSH), may take for ever. The thread is the group's, so a
/// server that does not answer holds up its own openers only, and they are answered at their deadlines by the
/// supervisor. Started when needed.
/// </remarks>
/// <param name="name">The thread's.</param>
/// <param name="work">What is done with each slot.</param>
internal sealed class ServedFiles(string name, Action<int> work) : IDisposable
{
    private const int Stop = -1;

    private readonly ConcurrentQueue<int> _slots = new();
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private int _isStarted;

    public void Enqueue(int index)
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            new Thread(Run) { Name = name, IsBackground = true }.Start();
        }

        _slots.Enqueue(index);
        _count.Post();
    }

    /// <summary>Lets the thread end, when the server lets it; the counter goes with the thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _count.Dispose();
            return;
        }

        _slots.Enqueue(Stop);
        _count.Post();
    }

    private void Run()
    {
        while (true)
        {
            _count.Take();
            if (_slots.TryDequeue(out int index))
            {
                if (index == Stop)
                {
                    _count.Dispose();
                    return;
                }

                work(index);
            }
        }
    }
}
