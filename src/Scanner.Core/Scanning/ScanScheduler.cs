using System.Collections.Concurrent;
using Scanner.Core.Deciding;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Has files scanned, and their events answered, in the order that <see cref="ScanQueue"/> tells.</summary>
/// <remarks>
/// An event that needs a scan and nothing else goes from the reader that read it straight to the engine, and is
/// answered by the thread on which the engine's verdict arrives: each hand-over to another thread costs as much as
/// everything else that is done for it here. A look at its process is left to <see cref="ProcessLooks"/>; what else
/// would keep a reader longer, to a thread of the scheduler's own, which also ends what is overdue.
/// </remarks>
internal sealed class ScanScheduler : IDisposable
{
    private const int WordToken = 1;
    private const int StopToken = 2;
    private const int Priority = -10;

    /// <summary>How long at most a writer waits for a lease of ours, and a scan goes on beyond its deadline.</summary>
    private const int TickMilliseconds = 10;

    /// <summary>Of ten ticks one looks at what has not started.</summary>
    private const int TicksPerSweep = 10;

    /// <summary>
    /// The ticks go on for a second after the last scan, so that single scans need not wake the thread each.
    /// </summary>
    private const int IdleTicks = 100;

    private readonly EventJournal _journal;
    private readonly WaitingEvents _waiting;
    private readonly EventDecider _decider;
    private readonly SubjectUsers _users;
    private readonly WriteShortcut _shortcut;
    private readonly ScanQueue _queue;
    private readonly ConcurrentQueue<int> _arrived = new();
    private readonly ConcurrentQueue<(ScanFlight Flight, Decision Decision)> _decided = new();
    private readonly EventCounter _word = EventCounter.CreateFlag();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private Thread? _thread;
    private int _hasWord;
    private int _isAsleep;
    private int _startRequests;
    private int _isDisposed;
    private long _nextTick;
    private int _ticks;

    public ScanScheduler(
        EventJournal journal, WaitingEvents waiting, EventDecider decider, SubjectUsers users, WriteShortcut shortcut,
        DecisionTools tools)
    {
        _journal = journal;
        _waiting = waiting;
        _decider = decider;
        _users = users;
        _shortcut = shortcut;
        _queue = new ScanQueue(journal, tools.Engine, tools.Deadlines.NanosecondsFor(0), StartScans);
    }

    public void Start()
    {
        _shortcut.Start();
        _thread = new Thread(Run) { Name = "scheduler", IsBackground = true };
        _thread.Start();
    }

    /// <remarks>Stopped by the host first and disposed by the container again.</remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _stop.Post();
        _thread?.Join();
        _word.Dispose();
        _stop.Dispose();
    }

    /// <summary>Takes over an event. From a reader, which it does not keep waiting.</summary>
    public void Admit(int index)
    {
        WaitingEvent waiting = _waiting[index];
        if (!_decider.IsReadyForScan(waiting))
        {
            _arrived.Enqueue(index);
            LeaveWord();
        }
        else
        {
            _ = AdmitAsync(waiting);
        }
    }

    /// <summary>
    /// As <see cref="Admit(int)"/>, after looking at the file, which may take for ever, and the process.
    /// </summary>
    public void PrepareAndAdmit(int index)
    {
        WaitingEvent waiting = _waiting[index];
        if (_decider.NeedsScan(waiting))
        {
            _ = AdmitAsync(waiting);
        }
    }

    private async ValueTask AdmitAsync(WaitingEvent waiting)
    {
        uint user = await _users.UserOfAsync(_journal.Slot(waiting.Index).Event.ProcessId);
        if (_queue.TryAdd(waiting, user))
        {
            StartScans();
        }
        else
        {
            _decider.Conclude(waiting, FailureReason.QueueFull);
        }
    }

    /// <summary>Has a file scanned that nobody waits for; takes it over.</summary>
    public void Admit(WrittenFile written)
    {
        _queue.Add(written);
        StartScans();
    }

    private void LeaveWord()
    {
        if (Interlocked.Exchange(ref _hasWord, 1) == 0)
        {
            _word.Post();
        }
    }

    private void Run()
    {
        _ = OwnProcess.TrySetThreadPriority(Priority);
        using Poller poller = Poller.Create();
        poller.AddOnce(_word, WordToken);
        poller.Add(_stop, StopToken);
        while (true)
        {
            bool isAtRest = IsAtRest();
            int token = poller.Wait(isAtRest ? Timeout.Infinite : TickMilliseconds);
            if (token == StopToken)
            {
                return;
            }

            _ticks = isAtRest ? 0 : _ticks;

            // Before the queues are looked at, so that whoever comes later leaves word again.
            Interlocked.Exchange(ref _hasWord, 0);
            while (_arrived.TryDequeue(out int index))
            {
                PrepareAndAdmit(index);
            }

            while (_decided.TryDequeue(out (ScanFlight Flight, Decision Decision) decided))
            {
                Answer(decided.Flight, decided.Decision);
                decided.Flight.GiveBack();
            }

            // Word may come all the time, so the tick goes by the clock.
            if (Clock.Now >= _nextTick)
            {
                Tick(Clock.Now);
            }
        }
    }

    /// <summary>Whether there is nothing to tick for. Whoever starts a scan after this leaves word.</summary>
    private bool IsAtRest()
    {
        bool wantsRest = _ticks >= IdleTicks;
        Interlocked.Exchange(ref _isAsleep, wantsRest ? 1 : 0);
        return wantsRest && _queue.IsIdle;
    }

    /// <summary>Starts what may start. One thread at a time does; whoever comes meanwhile is seen by it.</summary>
    private void StartScans()
    {
        if (Volatile.Read(ref _isAsleep) != 0)
        {
            LeaveWord();
        }

        if (Interlocked.Increment(ref _startRequests) != 1)
        {
            return;
        }

        int seen;
        do
        {
            seen = Volatile.Read(ref _startRequests);
            while (_queue.TryTakeNext() is { } flight)
            {
                Start(flight);
            }
        }
        while (Interlocked.CompareExchange(ref _startRequests, 0, seen) != seen);
    }

    private void Start(ScanFlight flight)
    {
        if (flight.TryGiveUp(_journal, Clock.Now))
        {
            LeaveAnswering(flight, Decision.Failed(_journal.Header, FailureReason.DeadlinePassed));
            return;
        }

        ContentDescriptor? found = flight.Leader is { } leader ? _decider.FileOf(leader) : flight.Written!.File.Content;
        if (found is not { } file)
        {
            LeaveAnswering(flight, Decision.Failed(_journal.Header, FailureReason.Restarting));
            return;
        }

        flight.Begin(file);
        if (flight.HasWriter && _shortcut.MayHold(flight))
        {
            _ = DecideForWriterAsync(flight);
        }
        else
        {
            Decide(flight);
        }
    }

    /// <summary>Decides on a file that is being written, perhaps by nobody but its opener.</summary>
    private async ValueTask DecideForWriterAsync(ScanFlight flight)
    {
        if (await _shortcut.HoldsAsync(flight))
        {
            _queue.End(flight, _decider.AnswerWriter(flight));
            flight.GiveBack();
            return;
        }

        // Once more: who has joined since needs no proof either.
        flight.Begin(flight.File);
        Decide(flight);
    }

    private void Decide(ScanFlight flight)
    {
        ValueTask<Decision> deciding = _decider.DecideAsync(flight);
        if (deciding.IsCompleted)
        {
            LeaveAnswering(flight, deciding.Result);
        }
        else
        {
            _ = AnswerAsync(flight, deciding);
        }
    }

    /// <summary>
    /// Not on this thread: it may be a reader, and in this way no flight is answered within another's start.
    /// </summary>
    private void LeaveAnswering(ScanFlight flight, in Decision decision)
    {
        _decided.Enqueue((flight, decision));
        LeaveWord();
    }

    private async ValueTask AnswerAsync(ScanFlight flight, ValueTask<Decision> deciding)
    {
        Answer(flight, await deciding);
        flight.GiveBack();
    }

    /// <remarks>Nothing here throws, or the flight would keep its place and its events theirs.</remarks>
    private void Answer(ScanFlight flight, in Decision decision)
    {
        _queue.End(flight, _decider.Answer(flight, decision));
        flight.Written?.End(decision.Reason == FailureReason.None);
    }

    private void Tick(long now)
    {
        _nextTick = now + (TickMilliseconds * Clock.NanosecondsPerMillisecond);
        IReadOnlyList<ScanFlight> running = _queue.Running();
        foreach (ScanFlight flight in running)
        {
            flight.GiveWayToWriter();
            flight.CancelIfOverdue(_journal, now);
        }

        if (++_ticks % TicksPerSweep == 0)
        {
            Sweep(now);
        }
    }

    private void Sweep(long now)
    {
        foreach (ScanFlight flight in _queue.TakeOverdue(now))
        {
            Answer(flight, Decision.Failed(_journal.Header, FailureReason.DeadlinePassed));
        }

        foreach (ScanFlight flight in _queue.TakeHopeless(now))
        {
            Answer(flight, Decision.Failed(_journal.Header, FailureReason.QueueFull));
        }

        // The engine may have room for more than a while ago, and nobody tells of that.
        StartScans();
        if (!_queue.IsIdle)
        {
            _ticks = 0;
        }
    }
}
