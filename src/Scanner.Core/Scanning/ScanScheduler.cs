using System.Collections.Concurrent;
using Scanner.Core.Deciding;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Says whose file is scanned next: one scan for each file version, the users in turn, executions first.</summary>
/// <remarks>
/// One thread owns all that is counted here, so nothing of it is locked; readers and engines leave it word in queues
/// without waiting. It waits for no file; for an engine only as long as sending it a request takes.
/// </remarks>
internal sealed class ScanScheduler : IDisposable
{
    private const int WordToken = 1;
    private const int StopToken = 2;
    private const int Priority = -10;

    /// <summary>Every answer wakes all who wait on the file system, some 2 µs for each, so one user's crowd costs all.</summary>
    private const int MostWaiting = 2048;

    /// <summary>A writer who waits for a lease of ours waits at most this long, and a scan outlives its deadline so.</summary>
    private const int TickMilliseconds = 10;

    /// <summary>Of ten ticks one looks at what has not started.</summary>
    private const int TicksPerSweep = 10;

    private readonly EventJournal _journal;
    private readonly WaitingEvents _waiting;
    private readonly EventDecider _decider;
    private readonly SubjectUsers _users;
    private readonly Capacity _capacity;
    private readonly int _mostWaiting;
    private readonly FairLane[] _lanes = [new(), new()];
    private readonly Dictionary<FileVersion, ScanFlight> _flights = [];
    private readonly Dictionary<(uint User, bool IsRemote), UserShare> _shares = [];
    private readonly List<ScanFlight> _running = [];
    private readonly ConcurrentQueue<int> _arrived = new();
    private readonly ConcurrentQueue<(ScanFlight Flight, IReadOnlyList<WaitingEvent> Unproven)> _ended = new();
    private readonly EventCounter _word = EventCounter.CreateFlag();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private Thread? _thread;
    private int _hasWord;
    private int _isDisposed;
    private bool _isFull;
    private long _nextTick;
    private int _ticks;

    public ScanScheduler(
        EventJournal journal, WaitingEvents waiting, EventDecider decider, SubjectUsers users, IScanEngine engine)
    {
        _journal = journal;
        _waiting = waiting;
        _decider = decider;
        _users = users;
        _capacity = new Capacity(engine);

        // Half of the slots, and so of the descriptors, are always somebody else's.
        _mostWaiting = Math.Clamp(journal.SlotCount / 2, 1, MostWaiting);
    }

    public void Start()
    {
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

    /// <summary>Takes over an event. From a reader: it neither waits nor, in the long run, allocates.</summary>
    public void Admit(int index)
    {
        _arrived.Enqueue(index);
        LeaveWord();
    }

    /// <summary>As <see cref="Admit"/>, after looking at the file, which may take for ever.</summary>
    public void PrepareAndAdmit(int index)
    {
        if (_decider.NeedsScan(_waiting[index]))
        {
            Admit(index);
        }
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
            // Word may come all the time, so the tick goes by the clock.
            bool isIdle = _running.Count == 0 && Array.TrueForAll(_lanes, lane => lane.IsEmpty);
            int token = poller.Wait(isIdle ? Timeout.Infinite : TickMilliseconds);
            if (token == StopToken)
            {
                return;
            }

            // Before the queues are looked at, so that whoever comes later leaves word again.
            Interlocked.Exchange(ref _hasWord, 0);
            do
            {
                Work();
            }
            while (IsFull() && !_ended.IsEmpty);
        }
    }

    private void Work()
    {
        while (_ended.TryDequeue(out (ScanFlight Flight, IReadOnlyList<WaitingEvent> Unproven) end))
        {
            End(end.Flight, end.Unproven);
        }

        while (_arrived.TryDequeue(out int index))
        {
            Arrive(_waiting[index]);
        }

        if (Clock.Now >= _nextTick)
        {
            Tick(Clock.Now);
        }

        StartNext();
    }

    /// <summary>Says whether anybody waits for a place; a scan that ends after this leaves word then.</summary>
    private bool IsFull()
    {
        bool isFull = !Array.TrueForAll(_lanes, lane => lane.IsEmpty);
        Volatile.Write(ref _isFull, isFull);
        Interlocked.MemoryBarrier();
        return isFull;
    }

    private void Arrive(WaitingEvent arrived)
    {
        // A served file was looked at before it came here.
        bool isPrepared = !arrived.Group.IsLocal && arrived.Status is not null;
        if (!isPrepared && !_decider.NeedsScan(arrived))
        {
            return;
        }

        UserShare share = ShareOf(arrived);
        if (share.Waiting >= _mostWaiting)
        {
            _decider.Conclude(arrived, FailureReason.QueueFull);
            return;
        }

        share.Waiting++;
        arrived.Share = share;
        Queue(arrived);
    }

    private void Queue(WaitingEvent waiting)
    {
        FileVersion version = FileVersion.Of(waiting.Group.Index, waiting.Status!.Value);
        bool isLocal = waiting.Group.IsLocal;
        if (isLocal && _flights.TryGetValue(version, out ScanFlight? known) && known.TryJoin(waiting))
        {
            return;
        }

        EventMask mask = _journal.Slot(waiting.Index).Event.Mask;
        LaneKind lane = (mask & EventMask.OpenExecPermission) != 0 ? LaneKind.Exec : LaneKind.Open;
        ScanFlight flight = new(version, waiting);
        if (isLocal)
        {
            _flights[version] = flight;
        }

        _lanes[(int)lane].Add(flight);
    }

    private void StartNext()
    {
        foreach (FairLane lane in _lanes)
        {
            while (lane.TryTake(_capacity.MayStart) is { } flight)
            {
                if (flight.IsOverdue(_journal, Clock.Now))
                {
                    Drop(flight, FailureReason.DeadlinePassed);
                    continue;
                }

                if (_decider.FileOf(flight.Leader) is not { } file)
                {
                    Drop(flight, FailureReason.Restarting);
                    continue;
                }

                _capacity.Start(flight.Share);
                _running.Add(flight);
                flight.Begin(file, flight.Leader.Group.IsLocal);
                _ = ScanAsync(flight);
            }
        }
    }

    private async ValueTask ScanAsync(ScanFlight flight)
    {
        IReadOnlyList<WaitingEvent> unproven = await _decider.ScanAsync(flight);
        _ended.Enqueue((flight, unproven));

        // While nobody waits for the place, the next arrival or tick is early enough to count it free.
        Interlocked.MemoryBarrier();
        if (unproven.Count > 0 || Volatile.Read(ref _isFull))
        {
            LeaveWord();
        }
    }

    private void End(ScanFlight flight, IReadOnlyList<WaitingEvent> unproven)
    {
        _capacity.End(flight.Share);
        _running.Remove(flight);
        foreach (WaitingEvent waiting in unproven)
        {
            waiting.Share!.Waiting++;
        }

        Leave(flight);
        foreach (WaitingEvent waiting in unproven)
        {
            Queue(waiting);
        }
    }

    private void Tick(long now)
    {
        _nextTick = now + (TickMilliseconds * Clock.NanosecondsPerMillisecond);
        foreach (ScanFlight flight in _running)
        {
            flight.GiveWayToWriter();
            if (flight.IsOverdue(_journal, now))
            {
                flight.Cancel();
            }
        }

        if (++_ticks % TicksPerSweep == 0)
        {
            foreach (FairLane lane in _lanes)
            {
                lane.TakeWhere(flight => flight.IsOverdue(_journal, now))
                    .ForEach(flight => Drop(flight, FailureReason.DeadlinePassed));
            }
        }
    }

    /// <summary>Leaves a flight that has not started, and for which nobody waits any more.</summary>
    private void Drop(ScanFlight flight, FailureReason reason)
    {
        foreach (WaitingEvent waiting in flight.Events())
        {
            _decider.Conclude(waiting, reason);
        }

        Leave(flight);
    }

    /// <summary>Forgets a flight, and counts out all who were on it.</summary>
    private void Leave(ScanFlight flight)
    {
        if (_flights.TryGetValue(flight.Version, out ScanFlight? known) && known == flight)
        {
            _flights.Remove(flight.Version);
        }

        foreach (UserShare share in flight.Shares)
        {
            share.Waiting--;
            if (share.Waiting == 0 && share.Running == 0)
            {
                _shares.Remove((share.User, share.IsRemote));
            }
        }

        flight.Dispose();
    }

    private UserShare ShareOf(WaitingEvent waiting)
    {
        uint user = _users.UserOf(_journal.Slot(waiting.Index).Event.ProcessId);
        bool isRemote = !waiting.Group.IsLocal;
        if (!_shares.TryGetValue((user, isRemote), out UserShare? share))
        {
            _shares.Add((user, isRemote), share = new UserShare(user, isRemote));
        }

        return share;
    }
}
