using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Listening;

/// <summary>The groups for the same file systems: the one in force, and those that it takes the place of.</summary>
/// <remarks>
/// Those before it go once it is marked, and not earlier: what they let pass does not matter any more then. It goes
/// last itself, because the others use its notes of renamings. For the thread of the mounts.
/// </remarks>
internal sealed class GroupSuccession(WatchedGroup first) : IDisposable
{
    private const EventMask Asked = EventMask.OpenPermission | EventMask.OpenExecPermission;

    /// <summary>
    /// At a time. Whoever makes marks go wrong over and over does not use up the groups: until one has gone, no file is
    /// marked.
    /// </summary>
    private const int MostBefore = 8;

    /// <summary>Looking at what takes long takes no more than this part of the time.</summary>
    private const int PauseFactor = 50;

    private readonly List<WatchedGroup> _outdated = [];
    private readonly List<LeavingGroup> _leaving = [];
    private long _nextLook;

    /// <summary>
    /// Nothing is kept of files that a server delivers, so that nobody need know that one was written; and whoever is
    /// told has to close it, which may take for ever.
    /// </summary>
    private EventMask Listened => Current.IsLocal ? Asked | EventMask.CloseWrite : Asked;

    /// <summary>The one in force.</summary>
    public WatchedGroup Current { get; private set; } = first;

    /// <summary>Those that are marked, as far as they ever were.</summary>
    public IReadOnlyList<WatchedGroup> Asking => [Current, .. _outdated];

    /// <summary>
    /// Whether one more must wait until another has gone. Not for those that earlier workers have left: each has left
    /// one more, so they are few.
    /// </summary>
    public bool IsFull => Current.Replacement != ReplacementReason.NewWorker
        && _outdated.Count + _leaving.Count >= MostBefore;

    /// <summary>
    /// Adds another one that an earlier worker has left. The one with marks that must go is the older one.
    /// </summary>
    public void Adopt(WatchedGroup other)
    {
        if (Current.IsBeingReplaced)
        {
            (Current, other) = (other, Current);
        }

        _outdated.Add(other);
    }

    /// <summary>Puts a new group, which is not marked yet, in the place of the one in force.</summary>
    public void Replace(WatchedGroup group)
    {
        group.TakeOverRenames(Current);
        _outdated.Add(Current);
        Current = group;
    }

    /// <summary>Says what all of them are for at present.</summary>
    public void Follow(FilesystemPlan plan)
    {
        foreach (WatchedGroup group in _leaving.Select(leaving => leaving.Group).Concat(Asking))
        {
            group.Plan = plan;
        }
    }

    /// <summary>
    /// Whether one of them listens to a file system. A mark goes with its file system, so it is the one that was asked
    /// about before.
    /// </summary>
    /// <param name="place">A place on it.</param>
    public bool Marks(Descriptor place) =>
        Asking.Any(group => group.Fanotify.Marks(group.Tools.Host.Root, place.SelfPath));

    /// <summary>Lets the one in force listen, once it is said what it is for.</summary>
    /// <returns>Whether it does, as far as its file systems can be reached.</returns>
    public bool TryMark()
    {
        Current.FollowRenames();
        Current.StartReading();
        HostMounts host = Current.Tools.Host;
        FilesystemPlan plan = Current.Plan;
        bool isMarked = false;
        foreach (TrustedMount mount in plan.Anchor is { } anchor ? [anchor] : plan.Mounts)
        {
            using Descriptor? place = host.TryOpen(mount);
            if (place is not null)
            {
                Current.Fanotify.MarkFilesystem(Listened, host.Root, place.SelfPath);
                isMarked = true;
            }
        }

        return isMarked;
    }

    /// <summary>Lets those before the one in force go: it is marked.</summary>
    /// <param name="time">How long each stays after it was asked last.</param>
    /// <returns>Those that go.</returns>
    /// <exception cref="ErrnoException">No descriptor is left; they go at the next try.</exception>
    public IReadOnlyList<WatchedGroup> LeaveOutdated(TimeSpan time)
    {
        List<WatchedGroup> left = [];
        while (_outdated.Count > 0)
        {
            // Those of an earlier worker have no readers yet.
            _outdated[0].StartReading();
            _leaving.Add(new LeavingGroup(_outdated[0], time));
            left.Add(_outdated[0]);
            _outdated.RemoveAt(0);
        }

        return left;
    }

    /// <summary>Forgets those that have gone.</summary>
    /// <returns>Their indexes, to be closed in the supervisor.</returns>
    public IReadOnlyList<int> TakeGone()
    {
        List<LeavingGroup> gone = _leaving.FindAll(leaving => leaving.IsGone);
        foreach (LeavingGroup leaving in gone)
        {
            _leaving.Remove(leaving);
            leaving.Dispose();
        }

        return [.. gone.Select(leaving => leaving.Group.Index)];
    }

    public WatchedGroup? Find(int index) =>
        Asking.Concat(_leaving.Select(leaving => leaving.Group)).FirstOrDefault(group => group.Index == index);

    /// <summary>Whether none has a mark on a file system that still exists, or waits for an answer.</summary>
    public bool IsQuiet()
    {
        long began = Clock.Now;
        if (_leaving.Count > 0 || began < _nextLook)
        {
            return false;
        }

        bool isQuiet = Asking.All(group => !group.Replies.IsExpecting && !group.Fanotify.HasFilesystemMarks());
        _nextLook = Clock.Now + (PauseFactor * (Clock.Now - began));
        return isQuiet;
    }

    /// <summary>Stops asking. What is queued is still delivered.</summary>
    public void RemoveMarks()
    {
        foreach (WatchedGroup group in Asking)
        {
            group.Fanotify.FlushFilesystems();
        }
    }

    /// <summary>As <see cref="RemoveMarks"/>, and those that are leaving do not wait for anybody any more.</summary>
    public void Stop()
    {
        _leaving.ForEach(leaving => leaving.RemoveMarks());
        RemoveMarks();
    }

    /// <summary>Reads no more events. What is queued is left to the next worker.</summary>
    public void StopReading()
    {
        _leaving.ForEach(leaving => leaving.StopReading());
        foreach (WatchedGroup group in Asking)
        {
            group.StopReading();
        }
    }

    public void Dispose()
    {
        _leaving.ForEach(leaving => leaving.Dispose());
        _outdated.ForEach(group => group.Dispose());
        Current.Dispose();
    }
}
