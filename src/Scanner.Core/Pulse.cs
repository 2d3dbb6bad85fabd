using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Core;

/// <summary>
/// Tells the supervisor that this worker lives, from a thread that does nothing that could take long.
/// </summary>
public sealed class Pulse : IDisposable
{
    private const int IntervalMilliseconds = 200;
    private const int StopToken = 1;
    private const int Priority = -15;

    private readonly EventJournal _journal;
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Thread _thread;

    public Pulse(EventJournal journal)
    {
        _journal = journal;
        _journal.Header.Pulse = Clock.Now;
        _thread = new Thread(Run) { Name = "pulse", IsBackground = true };
        _thread.Start();
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
            _journal.Header.Pulse = Clock.Now;
        }
    }
}
