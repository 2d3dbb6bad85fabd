using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Core;

/// <summary>Tells the supervisor that this worker lives, from a thread that does nothing that could take long.</summary>
/// <remarks>A beat that comes late says that the whole worker was held up: stopped, or without a processor.</remarks>
public sealed class Pulse : IDisposable
{
    private const int IntervalMilliseconds = 200;
    private const int StopToken = 1;
    private const int Priority = -15;

    /// <summary>Between two beats.</summary>
    private const long StallNanoseconds = 500 * Clock.NanosecondsPerMillisecond;

    /// <summary>What was queued during a stall is read, and judged, soon after it.</summary>
    private const long AftermathNanoseconds = 2_000 * Clock.NanosecondsPerMillisecond;

    private readonly EventJournal _journal;
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Thread _thread;
    private long _stallEnd;

    public Pulse(EventJournal journal)
    {
        _journal = journal;
        long now = Clock.Now;
        _journal.Header.Pulse = now;

        // Nobody has read since the last worker died. Before the first one there was nothing to read.
        _stallEnd = journal.Header.WorkerGeneration == 1 ? now - AftermathNanoseconds : now;
        _thread = new Thread(Run) { Name = "pulse", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether events that are read now may have waited for longer than a moment.</summary>
    public bool HasStalled
    {
        get
        {
            long now = Clock.Now;
            return now - _journal.Header.Pulse > StallNanoseconds
                || now - Volatile.Read(ref _stallEnd) < AftermathNanoseconds;
        }
    }

    public void Dispose()
    {
        _stop.Post();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        _ = OwnProcess.TrySetThreadPriority(Priority);
        using Poller poller = Poller.Create();
        poller.Add(_stop, StopToken);
        while (poller.Wait(IntervalMilliseconds) != StopToken)
        {
            long now = Clock.Now;
            if (now - _journal.Header.Pulse > StallNanoseconds)
            {
                // Before the beat: whoever sees the new beat sees the stall.
                Volatile.Write(ref _stallEnd, now);
            }

            _journal.Header.Pulse = now;
        }
    }
}
