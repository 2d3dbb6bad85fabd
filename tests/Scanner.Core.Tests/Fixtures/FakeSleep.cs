using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Sleep;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Tells of a sleep when the test says so.</summary>
internal sealed class FakeSleep : ISleepNotices
{
    private readonly ConcurrentQueue<bool?> _notices = new();
    private readonly ConcurrentQueue<EventCounter> _delays = new();
    private readonly EventCounter _arrivals = EventCounter.CreateSemaphore();

    public Descriptor Arrivals => _arrivals;

    /// <summary>How many delays were asked for.</summary>
    public int Given => _delays.Count;

    /// <summary>How many of them have ended.</summary>
    public int Released => _delays.Count(delay => delay.IsClosed);

    /// <param name="isAboutToSleep"><c>null</c>: whoever knew is gone.</param>
    public void Tell(bool? isAboutToSleep)
    {
        _notices.Enqueue(isAboutToSleep);
        _arrivals.Post();
    }

    public Descriptor Delay()
    {
        EventCounter delay = EventCounter.CreateFlag();
        _delays.Enqueue(delay);
        return delay;
    }

    public bool? TryTake()
    {
        if (!_notices.TryDequeue(out bool? notice))
        {
            return null;
        }

        _arrivals.Take();
        return notice ?? throw ErrnoException.From(Errno.ECONNRESET, "sd_bus_process");
    }

    public void Dispose()
    {
        // The next connection has the same counter.
    }
}
