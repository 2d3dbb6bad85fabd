using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Scanning;

/// <summary>Who waits for a scan, and whose scan is next: executions mostly first, the users in turn.</summary>
/// <remarks>
/// Under its lock nothing waits and no file is touched, so readers may come here; what it works through is bounded by
/// the slots. Lock order: this one, then a flight's.
/// </remarks>
internal sealed class ScanQueue
{
    /// <summary>
    /// Every answer wakes all who wait on the file system, some 2 µs for each, so one user's crowd costs all: nobody's
    /// is larger than this. One that cannot be served in time anyway is cut down to <see cref="LeastWaiting"/>.
    /// </summary>
    private const int MostWaiting = 2048;

    private const int LeastWaiting = 32;

    /// <summary>
    /// At one start of so many, opened files go first: one user's executions must not keep all others waiting.
    /// </summary>
    private const int StartsPerOpen = 4;

    private readonly Lock _lock = new();
    private readonly EventJournal _journal;
    private readonly Capacity _capacity;
    private readonly Func<UserShare, bool> _mayStart;
    private readonly Action<ScanFlight> _leave;
    private readonly int _mostWaiting;
    private readonly long _deadline;
    private readonly FairLane<ScanFlight>[] _lanes =
        [new(flight => flight.Share), new(flight => flight.Share), new(flight => flight.Share)];
    private readonly FairLane<ScanFlight>[] _opensFirst;
    private readonly Dictionary<FileVersion, ScanFlight> _flights = [];
    private readonly Dictionary<(uint User, bool IsRemote), UserShare> _shares = [];
    private readonly List<ScanFlight> _running = [];
    private uint _starts = 1;

    /// <param name="journal">Whose events are queued.</param>
    /// <param name="engine">Which says how many scans may run.</param>
    /// <param name="deadline">The time in which an event is to be answered, in nanoseconds.</param>
    /// <param name="hasPlace">Called when a place is free again, from any thread.</param>
    public ScanQueue(EventJournal journal, IScanEngine engine, long deadline, Action hasPlace)
    {
        _journal = journal;
        _deadline = deadline;
        _capacity = new Capacity(engine);
        _mayStart = _capacity.MayStart;
        _opensFirst = [_lanes[(int)LaneKind.Open], _lanes[(int)LaneKind.Exec], _lanes[(int)LaneKind.Background]];
        _leave = flight =>
        {
            LeavePlace(flight);
            hasPlace();
        };

        // Half of the slots, and so of the descriptors, are always somebody else's.
        _mostWaiting = Math.Clamp(journal.SlotCount / 2, 1, MostWaiting);
    }

    /// <summary>Whether nothing waits and nothing runs.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _running.Count == 0 && Array.TrueForAll(_lanes, lane => lane.IsEmpty);
            }
        }
    }

    /// <summary>Adds an event whose file was looked at.</summary>
    /// <returns><c>false</c> if its user has too many waiting already.</returns>
    public bool TryAdd(WaitingEvent waiting, uint user)
    {
        lock (_lock)
        {
            UserShare share = ShareOf_NeedsLock(user, !waiting.Group.IsLocal);

            // Whoever joins a scan takes no time of the engine's.
            int most = FindFlight_NeedsLock(waiting, share) is null ? share.MostWaiting : _mostWaiting;
            if (share.Waiting >= most)
            {
                return false;
            }

            share.Waiting++;
            waiting.Share = share;
            Add_NeedsLock(waiting);
            return true;
        }
    }

    /// <summary>Adds a scan that nobody waits for: it starts when nobody who does may start another.</summary>
    public void Add(WrittenFile written)
    {
        lock (_lock)
        {
            ScanFlight flight = new(written, ShareOf_NeedsLock(UserShare.Nobody, isRemote: false), _leave);
            _flights.TryAdd(flight.Version, flight);
            _lanes[(int)LaneKind.Background].Add(flight);
        }
    }

    /// <summary>Takes the next flight that may start; it has a place, and is left by <see cref="End"/>.</summary>
    public ScanFlight? TryTakeNext()
    {
        lock (_lock)
        {
            foreach (FairLane<ScanFlight> lane in _starts % StartsPerOpen == 0 ? _opensFirst : _lanes)
            {
                if (lane.TryTake(_mayStart) is { } flight)
                {
                    _starts++;
                    _capacity.Start(flight.Share);
                    _running.Add(flight);
                    return flight;
                }
            }

            return null;
        }
    }

    /// <summary>Takes out every flight that has not started and that nobody waits for any more.</summary>
    public IReadOnlyList<ScanFlight> TakeOverdue(long now)
    {
        lock (_lock)
        {
            return [.. _lanes.SelectMany(lane => lane.TakeWhere(flight => flight.TryGiveUp(_journal, now)))];
        }
    }

    /// <summary>
    /// Takes out what will not be scanned in time, the latest first: whoever waits in vain until the deadline makes
    /// others wait longer, and is answered the same then.
    /// </summary>
    public IReadOnlyList<ScanFlight> TakeHopeless(long now)
    {
        lock (_lock)
        {
            List<ScanFlight> hopeless = [];
            foreach (UserShare share in _shares.Values)
            {
                share.MostWaiting = MostWaiting_NeedsLock(share, now);
                if (share.Waiting > share.MostWaiting)
                {
                    int seen = share.Running;
                    hopeless.AddRange(
                        _lanes.SelectMany(lane => lane.TakeWhere(share, _ => ++seen > share.MostWaiting)));
                }
            }

            hopeless.ForEach(flight => flight.GiveUp());
            return hopeless;
        }
    }

    public IReadOnlyList<ScanFlight> Running()
    {
        lock (_lock)
        {
            return [.. _running];
        }
    }

    /// <summary>Forgets a flight, and counts out all who were on it.</summary>
    /// <param name="flight">It is sealed. Its place is given back apart.</param>
    /// <param name="unproven">Those who were on it and still need a scan.</param>
    public void End(ScanFlight flight, IReadOnlyList<WaitingEvent> unproven)
    {
        lock (_lock)
        {
            // What was answered without the engine does not tell how long it takes.
            if (_running.Remove(flight) && flight.Ticket is not null)
            {
                flight.Share.Learn(Clock.Now - flight.BeganAt);
            }

            if (_flights.TryGetValue(flight.Version, out ScanFlight? known) && known == flight)
            {
                _flights.Remove(flight.Version);
            }

            foreach (WaitingEvent waiting in unproven)
            {
                waiting.Share!.Waiting++;
                Add_NeedsLock(waiting);
            }

            foreach (UserShare share in flight.Shares)
            {
                share.Waiting--;
                ForgetIfIdle_NeedsLock(share);
            }
        }
    }

    private void LeavePlace(ScanFlight flight)
    {
        lock (_lock)
        {
            _capacity.End(flight.Share);
            ForgetIfIdle_NeedsLock(flight.Share);
        }
    }

    private void Add_NeedsLock(WaitingEvent waiting)
    {
        UserShare share = waiting.Share!;
        if (FindFlight_NeedsLock(waiting, share) is { } known && known.TryJoin(waiting))
        {
            known.Shares.Add(share);
            return;
        }

        EventMask mask = _journal.Slot(waiting.Index).Event.Mask;
        LaneKind lane = (mask & EventMask.OpenExecPermission) != 0 ? LaneKind.Exec : LaneKind.Open;
        ScanFlight flight = new(waiting, _leave);
        if (waiting.Group.IsLocal)
        {
            _flights[flight.Version] = flight;
        }

        _lanes[(int)lane].Add(flight);
    }

    private static FileVersion VersionOf(WaitingEvent waiting) =>
        FileVersion.Of(waiting.Group.Cache.Identity, waiting.Status!.Value);

    /// <summary>The flight that an event may join. Nobody waits in another user's turn.</summary>
    private ScanFlight? FindFlight_NeedsLock(WaitingEvent waiting, UserShare share) =>
        waiting.Group.IsLocal && _flights.TryGetValue(VersionOf(waiting), out ScanFlight? known)
            && (known.Share == share || known.BeganAt > 0)
            ? known
            : null;

    private UserShare ShareOf_NeedsLock(uint user, bool isRemote)
    {
        if (!_shares.TryGetValue((user, isRemote), out UserShare? share))
        {
            share = new UserShare(user, isRemote) { MostWaiting = _mostWaiting };
            _shares.Add((user, isRemote), share);
        }

        return share;
    }

    /// <summary>How many can be scanned within a deadline, as fast as this user's scans have been of late.</summary>
    private int MostWaiting_NeedsLock(UserShare share, long now)
    {
        long scanTime = share.ScanTime;
        foreach (ScanFlight flight in _running)
        {
            if (flight.Share == share && flight.BeganAt > 0)
            {
                scanTime = Math.Max(scanTime, now - flight.BeganAt);
            }
        }

        return scanTime == 0
            ? _mostWaiting
            : (int)Math.Clamp(
                _deadline / scanTime * _capacity.OfOneUser, Math.Min(LeastWaiting, _mostWaiting), _mostWaiting);
    }

    private void ForgetIfIdle_NeedsLock(UserShare share)
    {
        if (share.Waiting == 0 && share.Running == 0)
        {
            _shares.Remove((share.User, share.IsRemote));
        }
    }
}
