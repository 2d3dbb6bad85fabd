using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Scanning;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;

namespace Scanner.Core.Listening;

/// <summary>Has files scanned a moment after they were written, so that the next open finds the answer.</summary>
/// <remarks>
/// Between writing and scanning a file is remembered by its handle: an open descriptor would keep its file system from
/// being unmounted. Few are scanned at a time, behind everybody who waits, and what is too much is dropped: then the
/// open has it scanned.
/// Readers take the lock for a moment; nothing waits under it.
/// </remarks>
internal sealed class AfterWrite : IDisposable
{
    /// <summary>Files that may wait; 200 bytes for each.</summary>
    private const int MostPending = 4096;

    /// <summary>Scans at a time.</summary>
    private const int MostRunning = 2;

    private const int WordToken = 1;
    private const int StopToken = 2;
    private const int Priority = 5;

    /// <summary>Programs write in pieces, closing each time.</summary>
    private const long SettleNanoseconds = 200 * Clock.NanosecondsPerMillisecond;

    /// <summary>A log that is appended to all the time is scanned so often.</summary>
    private const long LongestNanoseconds = 2_000 * Clock.NanosecondsPerMillisecond;

    private readonly KnownVerdicts _verdicts;
    private readonly ScanScheduler _scheduler;
    private readonly DecisionTools _tools;
    private readonly Lock _lock = new();
    private readonly Dictionary<FileIdentity, LinkedListNode<PendingWrite>> _pending = [];
    private readonly LinkedList<PendingWrite> _order = [];
    private readonly EventCounter _word = EventCounter.CreateFlag();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private Thread? _thread;
    private int _running;
    private long _scanned;
    private long _dropped;

    public AfterWrite(KnownVerdicts verdicts, ScanScheduler scheduler, DecisionTools tools)
    {
        _verdicts = verdicts;
        _scheduler = scheduler;
        _tools = tools;
    }

    /// <summary>Scans begun.</summary>
    public long Scanned => Interlocked.Read(ref _scanned);

    /// <summary>Files that were not scanned because too many waited.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Start()
    {
        _thread = new Thread(Run) { Name = "after write", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        if (_stop.IsClosed)
        {
            return;
        }

        _stop.Post();
        _thread?.Join();
        _stop.Dispose();
        _word.Dispose();
    }

    /// <summary>Notes that a file was closed after writing. For readers.</summary>
    /// <param name="group">Where.</param>
    /// <param name="file">The event's descriptor, borrowed for this call.</param>
    /// <param name="scratch">At least <see cref="Gate.ScratchBytes"/>.</param>
    public void Note(WatchedGroup group, ContentDescriptor file, Span<byte> scratch)
    {
        CacheRule rule = group.Cache;
        if (rule.Trust == VersionTrust.None
            || file.TryGetStatus(StatusScope.Cached, out FileStatus status) != Errno.None
            || status.Kind != FileKind.Regular)
        {
            return;
        }

        FileIdentity identity = FileIdentity.Of(rule.Identity, status);
        _verdicts.Forget(identity);
        if (rule.IsFixed)
        {
            // At once: content can be exchanged without a change of the version (XFS_IOC_SWAPEXT of xfs).
            _verdicts.ForgetStored(identity);
        }

        FileHandle handle = default;
        if (status.Size > 0 && group.Coverage.Includes(file, status, scratch)
            && file.TryGetHandle(ref handle) == Errno.None)
        {
            Add(new PendingWrite(group, identity, handle, Clock.Now));
        }
    }

    /// <summary>
    /// Notes that some file was closed after writing, which could not be opened: its owner may have a write lease on
    /// it. For readers.
    /// </summary>
    public void NoteUnseen(WatchedGroup group)
    {
        if (group.Cache.Trust == VersionTrust.Version)
        {
            _verdicts.ForgetAll();
        }
    }

    private void Add(PendingWrite write)
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = _order.Count == 0;
            if (_pending.Remove(write.File, out LinkedListNode<PendingWrite>? known))
            {
                _order.Remove(known);
                write.FirstAt = known.Value.FirstAt;
            }
            else if (_order.Count >= MostPending)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            write.DueAt = Math.Min(write.DueAt + SettleNanoseconds, write.FirstAt + LongestNanoseconds);
            _pending.Add(write.File, _order.AddLast(write));
        }

        if (isFirst)
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
        while (poller.Wait(MillisecondsToNext()) != StopToken)
        {
            while (Volatile.Read(ref _running) < MostRunning && TakeDue() is { } write)
            {
                Begin(write);
            }
        }
    }

    /// <summary>Until the next file is due; for ever if there is none, or as many are scanned as may be.</summary>
    private int MillisecondsToNext()
    {
        lock (_lock)
        {
            return _order.First is { } next && Volatile.Read(ref _running) < MostRunning
                ? (int)Math.Max(1, (next.Value.DueAt - Clock.Now) / Clock.NanosecondsPerMillisecond)
                : Timeout.Infinite;
        }
    }

    private PendingWrite? TakeDue()
    {
        lock (_lock)
        {
            if (_order.First is not { } first || first.Value.DueAt > Clock.Now)
            {
                return null;
            }

            _order.RemoveFirst();
            _pending.Remove(first.Value.File);
            return first.Value;
        }
    }

    /// <summary>An engine that cannot keep up, or is away, is left to those who wait for it.</summary>
    private void DropAll()
    {
        lock (_lock)
        {
            Interlocked.Add(ref _dropped, _order.Count);
            _order.Clear();
            _pending.Clear();
        }
    }

    private void Begin(PendingWrite write)
    {
        if (write.Group.TryReopen(write.Handle) is not { } file)
        {
            return;
        }

        // Who writes it again closes it again.
        if (file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status) != Errno.None
            || status.Size == 0 || status.Size > _tools.MaxFileSize || !ReadLease.CanTake(file.Content))
        {
            file.Dispose();
            return;
        }

        Interlocked.Increment(ref _running);
        Interlocked.Increment(ref _scanned);
        long deadline = Clock.Now + _tools.Deadlines.NanosecondsFor(status.Size);
        _scheduler.Admit(new WrittenFile(write.Group, file, status, deadline, End));
    }

    private void End(bool hasVerdict)
    {
        if (!hasVerdict)
        {
            DropAll();
        }

        Interlocked.Decrement(ref _running);
        _word.Post();
    }
}
