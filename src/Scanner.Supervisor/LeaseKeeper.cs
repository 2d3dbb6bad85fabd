using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor;

/// <summary>Keeps read leases on files that users can write, so that their groups need not ask about them.</summary>
/// <remarks>
/// The kernel lets opens of a file pass unasked as long as the file's mark has ignore bits, and it does not clear them
/// for stores through a mapping. A lease tells of whoever comes to write, before they can; so the bits are there
/// only while a lease is: a lease is given up only after the bits are cleared, whatever the reason, and where bits
/// were set the lease is looked at once more. If the process that keeps the lease died, the lease would go and the bits
/// stay (seen on Linux 6.18): so this process, which also keeps the groups, keeps both.
/// A writer waits for this thread, for at most <c>fs.lease-break-time</c> (45 s), after which the lease is
/// gone and the bits are wrong. So nothing here waits for anything: few steps between two looks at the signals, memory
/// from the start, slow closing left to others.
/// One thread; what is public is for the one that opens and closes groups.
/// </remarks>
internal sealed class LeaseKeeper : IDisposable
{
    private const int SignalToken = 1;
    private const int OfferToken = 2;
    private const int WordToken = 3;
    private const int Priority = -15;

    /// <summary>In place of a group's index.</summary>
    private const int AllGroups = EventJournal.MaxGroups;

    /// <summary>Steps between two looks whether a writer waits.</summary>
    private const int StepsATurn = 16;

    /// <summary>
    /// About 40 offers: for a file in an offer nobody answers a writer before it is taken up.
    /// </summary>
    private const int UntakenBytes = 32 * 1024;

    private readonly EventJournal _journal;
    private readonly int _limit;
    private readonly LeaseTable _leases;
    private readonly LeasedGroups _groups;
    private readonly LeaseIntake _intake;
    private readonly ControlSocket _offers;
    private readonly FileCloser _closer = new();
    private readonly EventCounter _word = EventCounter.CreateFlag();
    private readonly EventCounter _done = EventCounter.CreateSemaphore();
    private Thread? _thread;
    private int _toForget = LeaseTable.None;
    private volatile bool _isStopping;

    public LeaseKeeper(EventJournal journal, DescriptorPlan plan)
    {
        _journal = journal;

        // Each lease may have a signal pending, which counts for all processes of this user together.
        long most = Math.Min(plan.First - DescriptorPlan.OwnDescriptors, OwnProcess.PendingSignalLimit / 2);
        _limit = (int)Math.Clamp(most, 0, journal.Header.Leases.Limit);
        _leases = new LeaseTable(_limit);
        _groups = new LeasedGroups(journal);
        (_offers, WorkersEnd) = ControlSocket.CreatePair();
        _intake = new LeaseIntake(journal, _leases, _groups, _offers, _closer);
        WorkersEnd.LimitUnreceived(UntakenBytes);
        WorkersEnd.MoveTo(plan.Leases);
    }

    /// <summary>Where workers offer leases, all of them one after the other.</summary>
    public ControlSocket WorkersEnd { get; }

    private ref LeaseStatus Status => ref _journal.Header.Leases;

    public void Start()
    {
        if (_limit > 0)
        {
            _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "leases", IsBackground = true };
            _thread.Start();
        }
    }

    /// <summary>From here on leases on the files of a group may be kept.</summary>
    public void Add(int index, FanotifyGroup group) => _groups.Add(index, group);

    /// <summary>
    /// Gives up every lease that is kept for a group, and returns when none is left and no more will be.
    /// </summary>
    public void Forget(int index)
    {
        if (_thread is not null)
        {
            _toForget = index;
            _word.Post();
            _done.Take();
        }
    }

    /// <summary>Gives up every lease, and keeps no more until <see cref="Resume"/>.</summary>
    public void Suspend()
    {
        _intake.IsSuspended = true;
        Forget(AllGroups);
    }

    public void Resume() => _intake.IsSuspended = false;

    public void Dispose()
    {
        _isStopping = true;
        _word.Post();
        _thread?.Join();
        _closer.Dispose();
        _offers.Dispose();
        WorkersEnd.Dispose();
        _word.Dispose();
        _done.Dispose();
    }

    private void Run()
    {
        // Writers wait for it. Without CAP_SYS_NICE it runs like any other thread: later under load, not wrong.
        _ = OwnProcess.TrySetThreadPriority(Priority);
        using LeaseSignals signals = LeaseSignals.OpenForThisThread();
        using Poller poller = Poller.Create();
        poller.Add(signals, SignalToken);
        poller.Add(_offers, OfferToken);
        poller.Add(_word, WordToken);
        Publish();
        while (!_isStopping)
        {
            int token = poller.Wait(MillisecondsToNext());
            AnswerSignals(signals);
            if (token == OfferToken)
            {
                _intake.Take(StepsATurn, signals);
            }
            else if (token == WordToken)
            {
                ForgetAsTold(signals);
            }

            GiveUpExpired();
            Publish();
        }

        Status.Room = 0;
    }

    /// <summary>Until the first lease's time is over; for ever if there is none.</summary>
    private int MillisecondsToNext()
    {
        if (_leases.Oldest == LeaseTable.None)
        {
            return Timeout.Infinite;
        }

        long left = _leases[_leases.Oldest].Until - Clock.Now;
        return left <= 0 ? 0 : (int)Math.Min(int.MaxValue, (left / Clock.NanosecondsPerMillisecond) + 1);
    }

    private void Publish()
    {
        Status.Kept = _leases.Count;
        Status.Room = _leases.Room;
    }

    private void AnswerSignals(LeaseSignals signals)
    {
        long heardAt = 0;
        while (signals.TryRead(out PassedFile? file) == Errno.None)
        {
            heardAt = heardAt == 0 ? Clock.Now : heardAt;
            if (file is null)
            {
                Sweep(heardAt);
            }
            else if (_leases.Find(file.Value) is int index and not LeaseTable.None)
            {
                GiveUpIfBroken(index, heardAt);
            }
        }
    }

    /// <summary>Looks at every lease: the kernel had no room for a signal that says which one.</summary>
    private void Sweep(long heardAt)
    {
        Status.Count(LeaseCounter.Sweeps);
        for (int index = _leases.Oldest; index != LeaseTable.None;)
        {
            int next = _leases.After(index);
            GiveUpIfBroken(index, heardAt);
            index = next;
        }
    }

    /// <remarks>It may not be: a signal also comes for a number that was another file's before.</remarks>
    private void GiveUpIfBroken(int index, long heardAt)
    {
        KeptLease lease = _leases[index];
        if (!ReadLease.IsHeld(lease.File.Content))
        {
            long now = GiveUp(index);
            _journal.BrokenLeases.Note(lease.Device, lease.Inode, now);
            Status.CountBreak(now - heardAt);
        }
    }

    private void GiveUpExpired()
    {
        long now = Clock.Now;
        for (int step = 0; step < StepsATurn; step++)
        {
            if (_leases.Oldest == LeaseTable.None || _leases[_leases.Oldest].Until > now)
            {
                return;
            }

            GiveUp(_leases.Oldest);
            Status.Count(LeaseCounter.Expired);
        }
    }

    private void ForgetAsTold(LeaseSignals signals)
    {
        _word.Take();
        if (_toForget == LeaseTable.None)
        {
            return;
        }

        bool isAll = _toForget == AllGroups;

        int steps = 0;
        for (int index = _leases.Oldest; index != LeaseTable.None;)
        {
            int next = _leases.After(index);
            if (isAll || _leases[index].Group == _toForget)
            {
                GiveUp(index);
                Status.Count(LeaseCounter.GroupClosed);
                if (++steps % StepsATurn == 0)
                {
                    // Which may end any other, the next one too.
                    AnswerSignals(signals);
                    next = _leases.Oldest;
                }
            }

            index = next;
        }

        if (!isAll)
        {
            _groups.Remove(_toForget);
        }

        _toForget = LeaseTable.None;
        _done.Post();
    }

    /// <summary>Ends a lease: the group asks about the file again, and only then may somebody write it.</summary>
    /// <returns>When that was.</returns>
    private long GiveUp(int index)
    {
        KeptLease lease = _leases[index];
        _ = _groups[lease.Group]?.TryAskAgain(lease.File.Content);
        _leases.Remove(index);
        return _closer.GiveBack(lease.File);
    }
}
