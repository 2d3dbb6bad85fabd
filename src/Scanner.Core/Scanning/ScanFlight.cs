using Scanner.Core.Deciding;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Scanning;

/// <summary>One scan, and the events that wait for it.</summary>
/// <remarks>
/// The first event lends its descriptor. Whoever opens the same file version while the scan runs may join, but only a
/// read lease held from before the first byte was read until after the last one proves that the content scanned is
/// the content that they opened. Without it they share a scan that begins after they came.
/// The lock guards who belongs to the flight: the scheduler adds, whoever completes the scan takes.
/// </remarks>
internal sealed class ScanFlight(FileVersion version, WaitingEvent leader) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancellation = new();
    private List<WaitingEvent>? _joined;
    private readonly List<UserShare> _shares = [leader.Share!];
    private int _beganWith;
    private bool _isSealed;
    private bool _hasLease;

    public FileVersion Version => version;

    public WaitingEvent Leader => leader;

    /// <summary>Whose share of the engine it uses.</summary>
    public UserShare Share { get; } = leader.Share!;

    /// <summary>Whose events wait for it, one entry an event. For the scheduler's thread only.</summary>
    public IReadOnlyList<UserShare> Shares => _shares;

    /// <summary>The leader's file, from the beginning of the scan.</summary>
    public ContentDescriptor File { get; private set; }

    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Begins the scan: those who have joined by now need no proof.</summary>
    /// <param name="file">The leader's file.</param>
    /// <param name="isLocal">Whether a lease proves anything: not for files that a server delivers.</param>
    public void Begin(ContentDescriptor file, bool isLocal)
    {
        File = file;
        _beganWith = _joined?.Count ?? 0;
        _hasLease = isLocal && ReadLease.TryTake(file) == Errno.None;
    }

    /// <summary>Adds an event of the same file version.</summary>
    /// <returns><c>false</c> if the scan has just completed.</returns>
    public bool TryJoin(WaitingEvent late)
    {
        lock (_lock)
        {
            // Who joined a scan that is given up would be given up with it.
            if (_isSealed || _cancellation.IsCancellationRequested)
            {
                return false;
            }

            (_joined ??= []).Add(late);
        }

        _shares.Add(late.Share!);
        return true;
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

    /// <summary>Ends the joining.</summary>
    /// <param name="proven">Those who joined and for whom the verdict holds.</param>
    /// <returns>Those who joined and for whom it may not.</returns>
    public IReadOnlyList<WaitingEvent> Seal(out IReadOnlyList<WaitingEvent> proven)
    {
        List<WaitingEvent> joined;
        lock (_lock)
        {
            _isSealed = true;
            joined = _joined ?? [];
        }

        // After the sealing: all who joined had their opens under way while the lease was still held.
        int count = joined.Count > _beganWith && _hasLease && ReadLease.IsHeld(File) ? joined.Count : _beganWith;
        proven = count == joined.Count ? joined : joined.GetRange(0, count);
        return count == joined.Count ? [] : joined.GetRange(count, joined.Count - count);
    }

    /// <summary>Whether every event's deadline has passed. A sealed flight's slots may be other events' by now.</summary>
    public bool IsOverdue(EventJournal journal, long now)
    {
        lock (_lock)
        {
            return !_isSealed && journal.Slot(leader.Index).Deadline <= now
                && (_joined is null || _joined.TrueForAll(late => journal.Slot(late.Index).Deadline <= now));
        }
    }

    /// <summary>The events that wait, the leader first.</summary>
    public IReadOnlyList<WaitingEvent> Events()
    {
        lock (_lock)
        {
            return _joined is null ? [leader] : [leader, .. _joined];
        }
    }

    /// <summary>Ends the scan early: nobody waits for it any more.</summary>
    public void Cancel() => _cancellation.Cancel();

    public void Dispose() => _cancellation.Dispose();
}
