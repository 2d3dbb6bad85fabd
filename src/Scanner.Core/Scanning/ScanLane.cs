using System.Collections.Concurrent;
using Scanner.Linux;

namespace Scanner.Core.Scanning;

/// <summary>Events that wait for a scan, and the threads that take them in order of arrival.</summary>
/// <remarks>
/// Readers put events in, and a reader takes no lock: hence a lock-free queue and a counter in the kernel to sleep
/// on. Slots bound it: there is one for each event. Files that a server or another process serves have a lane of
/// their own, so that a server that does not answer holds up nothing else.
/// </remarks>
/// <param name="name">For the threads.</param>
/// <param name="threads">How many events are decided at the same time.</param>
internal sealed class ScanLane(string name, int threads)
{
    private const int StopMark = -1;

    private readonly ConcurrentQueue<int> _slots = new();
    private readonly EventCounter _count = EventCounter.CreateSemaphore();
    private readonly Thread[] _threads = new Thread[threads];

    /// <summary>Starts taking events.</summary>
    /// <param name="decide">Decides the event in a slot; never throws.</param>
    public void Start(Func<int, ValueTask> decide)
    {
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(() => Run(decide)) { Name = $"{name} {i}", IsBackground = true };
            _threads[i].Start();
        }
    }

    public void Enqueue(int slot)
    {
        _slots.Enqueue(slot);
        _count.Post();
    }

    /// <summary>Ends the threads. No event waits any more, or the supervisor answers it.</summary>
    public void Stop()
    {
        foreach (Thread _ in _threads)
        {
            Enqueue(StopMark);
        }
    }

    private void Run(Func<int, ValueTask> decide)
    {
        while (true)
        {
            _count.Take();
            if (!_slots.TryDequeue(out int slot))
            {
                continue;
            }

            if (slot == StopMark)
            {
                return;
            }

            // An engine that works completes in this call; one that waits goes on elsewhere, and the lane goes on too.
            _ = decide(slot);
        }
    }
}
