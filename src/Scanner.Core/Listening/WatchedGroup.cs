using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Core.Listening;

/// <summary>One group: the file systems behind it, its readers, and the way back for its answers.</summary>
internal sealed class WatchedGroup : IDisposable
{
    /// <summary>At least two, so that one event that holds its reader does not hold the others.</summary>
    private const int Readers = 2;

    /// <summary>A server that does not answer keeps every slot it gets: at most one of so many.</summary>
    private const int ServedFraction = 8;

    private const int NotReplaced = -1;

    private readonly List<EventReader> _readers = [];
    private readonly ServedFiles _served;
    private readonly ServedFiles _closing;
    private readonly int _mostServed;
    private volatile FilesystemPlan _plan;
    private volatile RenameLog? _renames;
    private bool _ownsRenames;
    private int _replacement = NotReplaced;

    public WatchedGroup(int index, FanotifyGroup fanotify, FilesystemPlan plan, ListeningTools tools)
    {
        Index = index;
        Generation = tools.Journal.Group(index).Generation;
        Fanotify = fanotify;
        Tools = tools;
        _plan = plan;
        _served = new ServedFiles("served files", tools.Scheduler.PrepareAndAdmit);
        _closing = new ServedFiles("closing files", slot => tools.Waiting.Close(slot, tools.Pool));
        _mostServed = Math.Max(1, tools.Journal.SlotCount / ServedFraction);
        Replies = new ReplyQueue(tools.Journal, fanotify, tools.Pool, tools.Waiting, tools.Delayed);
        Marks = new GroupMarks(this);
    }

    public int Index { get; }

    /// <summary>Which incarnation of its index it is.</summary>
    public int Generation { get; }

    public FanotifyGroup Fanotify { get; }

    public ListeningTools Tools { get; }

    public ReplyQueue Replies { get; }

    /// <summary>Lets opens of its clean files pass unasked.</summary>
    public GroupMarks Marks { get; }

    /// <summary>
    /// Whether it is about to be closed: nothing is planned for it, and it was asked for nothing more.
    /// </summary>
    public bool IsLeaving { get; set; }

    /// <summary>
    /// Whether a new group is to take its place, or has: no mark that lets opens pass unasked is set in it any more.
    /// </summary>
    public bool IsBeingReplaced => Volatile.Read(ref _replacement) != NotReplaced;

    /// <summary>Why it is to be replaced; <c>null</c> if it is not.</summary>
    public ReplacementReason? Replacement => IsBeingReplaced ? (ReplacementReason)Volatile.Read(ref _replacement) : null;

    /// <summary>
    /// To be called before a mark is set that lets opens pass unasked. Whoever sets one looks again afterwards, at this
    /// group as at the file, and clears it if <see cref="IsBeingReplaced"/> by then.
    /// </summary>
    /// <returns><c>false</c> if none may be set.</returns>
    public bool TryPrepareMark()
    {
        ref GroupEntry entry = ref Tools.Journal.Group(Index);
        if (!entry.HasMarks)
        {
            entry.HasMarks = true;

            // Before the looks at why it might be wrong: see RequestReplacement.
            Interlocked.MemoryBarrier();
        }

        return !IsBeingReplaced;
    }

    /// <summary>
    /// Has the group replaced at once if it has marks that let opens pass unasked: they may be wrong. From any thread;
    /// never waits.
    /// </summary>
    /// <remarks>
    /// To be called after what makes them wrong can be seen. Whoever sets the first mark later than this looks, looks
    /// at that after it.
    /// </remarks>
    public void RequestReplacement(ReplacementReason reason)
    {
        Interlocked.MemoryBarrier();
        if (Tools.Journal.Group(Index).HasMarks
            && Interlocked.CompareExchange(ref _replacement, (int)reason, NotReplaced) == NotReplaced)
        {
            Tools.Replacements.Requested.Post();
        }
    }

    /// <summary>What the group is for at present.</summary>
    public FilesystemPlan Plan
    {
        get => _plan;
        set => _plan = value;
    }

    public Coverage Coverage => _plan.Coverage;

    /// <summary>How verdicts on its files may be kept at this moment. To be read once for each look-up.</summary>
    public CacheRule Cache => Tools.Options.Cache == CacheKind.None ? default : _plan.Cache;

    /// <summary>As <see cref="Cache"/>, for one of its files.</summary>
    /// <remarks>
    /// A page that was pinned before its mapping went changes without a writer that a lease could see. Strict is not to
    /// trust what users can do that to, and looks such files up by their content.
    /// </remarks>
    public CacheRule CacheOf(in FileStatus status)
    {
        CacheRule rule = Cache;
        return Tools.Options.Profile == Profile.Strict && status.IsUserWritable && rule.Trust == VersionTrust.Version
            ? rule with { Trust = VersionTrust.Content }
            : rule;
    }

    /// <summary>Whether looking at a file never waits for a server.</summary>
    public bool IsLocal => _plan.Kind == FilesystemKind.Local;

    /// <summary>Whether another event may have a slot.</summary>
    public bool HasRoom => IsLocal || Replies.Expected < _mostServed;

    /// <summary>
    /// Whether another event may be read: what has no room is refused, but has to be closed, and keeps its slot for as
    /// long.
    /// </summary>
    public bool HasRoomToRead => IsLocal || Replies.Expected < 2 * _mostServed;

    /// <summary>Whether another file that was written may be left to the thread that closes.</summary>
    public bool HasRoomToClose => Replies.Expected < _mostServed;

    /// <summary>
    /// Closes an event's file where that may take its time: its server's, or that of freeing its blocks.
    /// </summary>
    public void LeaveClosing(int index) => _closing.Enqueue(index);

    /// <summary>Gives an event that needs more than the gate to whoever decides.</summary>
    public void HandOn(int index)
    {
        Replies.Expect();
        if (IsLocal)
        {
            Tools.Scheduler.Admit(index);
        }
        else
        {
            _served.Enqueue(index);
        }
    }

    /// <summary>Whether a file that lies outside of what is watched may have been inside a moment ago.</summary>
    public bool MayHaveRenamed => _renames?.MayHaveRenamed ?? true;

    /// <summary>Whether no reader has an event in hand.</summary>
    public bool HasIdleReaders => _readers.TrueForAll(reader => reader.IsIdle);

    /// <summary>
    /// Takes over the renamings of a group of the same file systems, which goes on looking at them and goes before this
    /// one does: another listener would not know of the last minute, and take another of the user's groups.
    /// </summary>
    public void TakeOverRenames(WatchedGroup old)
    {
        _renames = old._renames;
        (_ownsRenames, old._ownsRenames) = (old._ownsRenames, false);
    }

    /// <summary>Begins to follow renamings, where it matters what lies outside.</summary>
    public void FollowRenames()
    {
        if (!Coverage.IsWhole && _renames is null)
        {
            try
            {
                // Nobody has read before, neither an earlier worker nor this one, which may have tried this in vain.
                bool isNew = Tools.Journal.Header.WorkerGeneration == 1 && _readers.Count == 0;
                _renames = new RenameLog(_plan, Tools.Host, isNew);
                _ownsRenames = true;
            }
            catch (ErrnoException)
            {
                // Nobody can say then what was renamed, and more is scanned.
            }
        }
    }

    /// <summary>To be called now and then; see <see cref="RenameLog.Look"/>.</summary>
    public void LookAtRenames() => _ = _renames?.Look();

    /// <summary>Starts the readers. The coverage is in place, so an event may come.</summary>
    public void StartReading()
    {
        while (_readers.Count < Readers)
        {
            _readers.Add(new EventReader(this, _readers.Count));
        }
    }

    /// <summary>Ends the readers.</summary>
    public void StopReading()
    {
        foreach (EventReader reader in _readers)
        {
            reader.Dispose();
        }

        _readers.Clear();
    }

    /// <summary>Opens the file of an event that a dead worker has read.</summary>
    /// <returns><c>null</c> when the file is gone or its file system does not find files by handle.</returns>
    public Descriptor? TryReopen(FileHandle handle) => TryReach(handle, mayOpen: true);

    /// <summary>As <see cref="TryReopen"/>, but only refers to the file (O_PATH).</summary>
    public Descriptor? TryFind(FileHandle handle) => TryReach(handle, mayOpen: false);

    /// <summary>
    /// Opens something on the group's file systems, as open_by_handle_at(2) wants it. Whoever takes one closes it.
    /// </summary>
    public IEnumerable<Descriptor> OpenPlaces()
    {
        // Through a clone of ours first, which is exempt; through a mount of the host a reader must answer.
        if (TryOpenPlace(() => Tools.Own.TryOpenForHandles(_plan.Filesystems)) is { } own)
        {
            yield return own;
        }

        foreach (TrustedMount mount in _plan.Mounts)
        {
            if (TryOpenPlace(() => Tools.Host.TryOpenForHandles(mount)) is { } place)
            {
                yield return place;
            }
        }
    }

    /// <summary>Ends the readers. Marks are flushed and the queue is empty by now.</summary>
    public void Dispose()
    {
        StopReading();
        _served.Dispose();
        _closing.Dispose();
        if (_ownsRenames)
        {
            _renames?.Dispose();
        }

        Marks.Dispose();
        Fanotify.Dispose();
    }

    private Descriptor? TryReach(FileHandle handle, bool mayOpen)
    {
        foreach (Descriptor place in handle.IsEmpty ? [] : OpenPlaces())
        {
            using (place)
            {
                Errno error = mayOpen
                    ? handle.TryOpen(place, out Descriptor? file)
                    : handle.TryFind(place, out file);
                if (error == Errno.None)
                {
                    return file;
                }
            }
        }

        return null;
    }

    private static Descriptor? TryOpenPlace(Func<Descriptor?> open)
    {
        try
        {
            return open();
        }
        catch (Exception error) when (error is ErrnoException or FormatException)
        {
            // Unmounted just now, or hidden below another mount: the next one may do.
            return null;
        }
    }
}
