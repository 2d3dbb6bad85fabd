using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Scanning;

/// <summary>One scan, and the events that wait for it.</summary>
/// <remarks>
/// The first event lends its descriptor; a file scanned after writing has its own (<see cref="WrittenFile"/>). Whoever
/// opens the same file version while the scan runs may join, but only a read lease held from before the first byte was
/// read until after the last one proves that the content scanned is the content that they opened. Without it they share
/// a scan that begins after they came.
/// The lock guards who belongs to the flight, and its lease until it is sealed: the queue adds, under its own lock
/// first; whoever completes the scan takes, and has the rest to itself from then on.
/// </remarks>
internal sealed class ScanFlight : IScanPlace
{
    /// <summary>
    /// Times of change come from a clock that moves in steps of up to 10 ms. What was changed so shortly before the
    /// scan may change again, or be another file by the same number, and look the same.
    /// </summary>
    private const long YoungNanoseconds = 50_000_000;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Action<ScanFlight> _leave;
    private List<WaitingEvent>? _joined;

    /// <summary>A flight that never begins is answered without a scan, and that holds for all.</summary>
    private int _beganWith = int.MaxValue;
    private int _keepers = 1;
    private bool _isSealed;
    private bool _isGivenUp;
    private bool _hasLease;

    private ScanFlight(WatchedGroup group, in FileStatus status, UserShare share, Action<ScanFlight> leave)
    {
        Group = group;
        Status = status;
        Rule = group.CacheOf(status);
        Version = FileVersion.Of(Rule.Identity, status);
        Share = share;
        _leave = leave;
    }

    /// <summary>A scan that an open waits for.</summary>
    /// <param name="leader">The event; its file was looked at, and it has a share.</param>
    /// <param name="leave">
    /// Told when neither the scan nor anything that an engine still does of it takes a place.
    /// </param>
    public ScanFlight(WaitingEvent leader, Action<ScanFlight> leave)
        : this(leader.Group, leader.Status!.Value, leader.Share!, leave)
    {
        Leader = leader;
        Shares.Add(Share);
    }

    /// <summary>A scan that nobody waits for yet.</summary>
    public ScanFlight(WrittenFile written, UserShare share, Action<ScanFlight> leave)
        : this(written.Group, written.Status, share, leave) => Written = written;

    public WatchedGroup Group { get; }

    /// <summary>What the file was when the flight was made.</summary>
    public FileStatus Status { get; }

    public CacheRule Rule { get; }

    public FileVersion Version { get; }

    /// <summary>The event that lends its descriptor; <c>null</c> where nobody waited at first.</summary>
    public WaitingEvent? Leader { get; }

    /// <summary>The file, where nobody waited at first.</summary>
    public WrittenFile? Written { get; }

    /// <summary>Whose share of the engine it uses.</summary>
    public UserShare Share { get; }

    /// <summary>Whose events wait for it, one entry an event. Guarded by the queue's lock.</summary>
    public List<UserShare> Shares { get; } = [];

    /// <summary>The file, from the beginning of the scan.</summary>
    public ContentDescriptor File { get; private set; }

    /// <summary>When the scan began, by <see cref="Clock"/>; 0 before it has.</summary>
    public long BeganAt { get; private set; }

    /// <summary>
    /// Whether the version was the file's under a lease when the scan began, on a file system where that means
    /// something: what is known of the version is known of the file.
    /// </summary>
    public bool IsProven { get; private set; }

    /// <summary>Whether somebody had the file open for writing when the scan began: perhaps its opener.</summary>
    public bool HasWriter { get; private set; }

    /// <summary>
    /// The version, where a verdict from before this start may hold for it. Not for files that users can write: while
    /// nobody listened they may have exchanged its content without any change of a time (XFS_IOC_SWAPEXT, Linux 6.18).
    /// </summary>
    public FileVersion? StoredVersion => IsProven && Rule.IsFixed && !Status.IsUserWritable ? Version : null;

    /// <summary>What the engine's verdict is kept by; <c>null</c> if the engine was not asked.</summary>
    public ScanTicket? Ticket { get; set; }

    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Begins the scan: those who have joined by now need no proof.</summary>
    /// <remarks>
    /// A lease on what a server delivers proves nothing, nor does a version that was believed when the event came but
    /// is not any more.
    /// </remarks>
    public void Begin(ContentDescriptor file)
    {
        lock (_lock)
        {
            File = file;
            BeganAt = Clock.Now;
            _beganWith = _joined?.Count ?? 0;
            Errno refusal = Group.IsLocal ? ReadLease.TryTake(file) : Errno.EINVAL;
            _hasLease = refusal == Errno.None;
            HasWriter = refusal == Errno.EAGAIN;
            IsProven = _hasLease && Rule.Trust == VersionTrust.Version && Group.Cache == Rule && IsCurrent();
        }
    }

    /// <summary>
    /// Whether the verdict is one on the version: nobody could write from the beginning of the scan until now, and
    /// whoever writes next will be seen by the version.
    /// </summary>
    /// <param name="time">Wall-clock time.</param>
    public bool MayBeKept(TimeProvider time) =>
        IsProven && Version.Generation != 0 && IsOldEnough(time)
        && ReadLease.IsHeld(File) && IsCurrent();

    /// <summary>Adds an event of the same file version.</summary>
    /// <returns><c>false</c> if the scan has just completed, or is given up.</returns>
    public bool TryJoin(WaitingEvent late)
    {
        lock (_lock)
        {
            if (_isSealed || _isGivenUp)
            {
                return false;
            }

            (_joined ??= []).Add(late);
            return true;
        }
    }

    /// <summary>Lets a writer go on who waits for the lease to go. Called now and then while the scan runs.</summary>
    public void GiveWayToWriter()
    {
        // Under the lock, because a sealed flight's descriptor may be closed and its number another file's.
        lock (_lock)
        {
            if (!_isSealed && _hasLease && !ReadLease.IsHeld(File))
            {
                _hasLease = false;
                _ = ReadLease.Release(File);
            }
        }
    }

    /// <summary>
    /// Ends the joining, and gives the lease back: a server may hold on to the file that it is kept on.
    /// </summary>
    /// <param name="known">Knows of new signatures: whoever came after them needs a scan by them.</param>
    /// <param name="proven">Those who joined and for whom the verdict holds.</param>
    /// <returns>Those who joined and for whom it may not.</returns>
    public IReadOnlyList<WaitingEvent> Seal(KnownVerdicts known, out IReadOnlyList<WaitingEvent> proven)
    {
        List<WaitingEvent>? joined;
        lock (_lock)
        {
            _isSealed = true;
            joined = _joined;
        }

        // After the sealing: all who joined had their opens under way while the lease was still held.
        bool wasHeld = _hasLease && Group.Plan.LeasesTell && joined is not null && ReadLease.IsHeld(File)
            && (Ticket is not { } ticket || known.IsCurrent(ticket));
        if (_hasLease)
        {
            _ = ReadLease.Release(File);
        }

        if (joined is null)
        {
            proven = [];
            return [];
        }

        bool isProven = joined.Count <= _beganWith || wasHeld;
        proven = isProven ? joined : joined.GetRange(0, _beganWith);
        return isProven ? [] : joined.GetRange(_beganWith, joined.Count - _beganWith);
    }

    /// <summary>Ends the joining where nothing was scanned, and no lease held.</summary>
    /// <returns>All who joined.</returns>
    public IReadOnlyList<WaitingEvent> Seal()
    {
        lock (_lock)
        {
            _isSealed = true;
            return _joined ?? [];
        }
    }

    /// <summary>Gives up a flight that has not begun: who joined from now on would be answered with it.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            _isGivenUp = true;
        }
    }

    /// <summary>As <see cref="GiveUp"/>, if every event's deadline has passed.</summary>
    public bool TryGiveUp(EventJournal journal, long now)
    {
        lock (_lock)
        {
            bool isOverdue = IsOverdue_NeedsLock(journal, now);
            _isGivenUp |= isOverdue;
            return isOverdue;
        }
    }

    /// <summary>Ends the scan early if nobody waits for it any more.</summary>
    public void CancelIfOverdue(EventJournal journal, long now)
    {
        if (!_cancellation.IsCancellationRequested && TryGiveUp(journal, now))
        {
            _cancellation.Cancel();
        }
    }

    public void Keep() => Interlocked.Increment(ref _keepers);

    public void GiveBack()
    {
        if (Interlocked.Decrement(ref _keepers) == 0)
        {
            _leave(this);
        }
    }

    private bool IsCurrent() =>
        File.TryGetStatus(StatusScope.Cached, out FileStatus status) == Errno.None
        && FileVersion.Of(Rule.Identity, status) == Version;

    private bool IsOldEnough(TimeProvider time) =>
        Version.ChangedAt < Clock.OfFiles(time.GetUtcNow()) - (Clock.Now - BeganAt) - YoungNanoseconds;

    /// <summary>A sealed flight's slots may be other events' by now.</summary>
    private bool IsOverdue_NeedsLock(EventJournal journal, long now) =>
        !_isSealed && (Leader is null ? Written!.Deadline : journal.Slot(Leader.Index).Deadline) <= now
        && (_joined is null || _joined.TrueForAll(late => journal.Slot(late.Index).Deadline <= now));
}
