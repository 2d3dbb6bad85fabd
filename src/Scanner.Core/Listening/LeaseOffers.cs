using System.Runtime.InteropServices;
using Scanner.Core.Caching;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;

namespace Scanner.Core.Listening;

/// <summary>
/// Offers the supervisor the leases on files that users can write and that are opened again and again, so that the
/// kernel need not ask about them while a lease is kept.
/// </summary>
/// <remarks>
/// For readers: it neither allocates nor waits. A kept lease is an open file, which keeps its mount from being
/// unmounted, so none is offered on removable disks and, unless asked for, on what was mounted after the start.
/// </remarks>
internal sealed class LeaseOffers
{
    /// <summary>
    /// After somebody wanted to write a file, it is left alone for so many times as long as a lease lasts.
    /// </summary>
    private const int TimesLeftAlone = 10;

    private readonly EventJournal _journal;
    private readonly KnownVerdicts _verdicts;
    private readonly ControlSocket _socket;
    private readonly ulong _lastMountId;
    private RecentFiles _opened;
    private long _sent;
    private long _unsent;

    /// <param name="journal">Says how many leases can be kept.</param>
    /// <param name="verdicts">Knows what is clean.</param>
    /// <param name="options">Say on which mounts.</param>
    /// <param name="socket">Leads to whoever keeps them.</param>
    /// <param name="own">Knows what was mounted at the start.</param>
    public LeaseOffers(
        EventJournal journal, KnownVerdicts verdicts, WatchOptions options, ControlSocket socket, PrivateMounts own)
    {
        _journal = journal;
        _verdicts = verdicts;
        _socket = socket;
        _lastMountId = options.LeaseLaterMounts ? ulong.MaxValue : own.LastMountIdAtStart;
    }

    /// <summary>Leases offered.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Leases that were not offered, because too many others were on their way.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>Notes that a file is opened whose verdicts may be found by its version.</summary>
    /// <returns>
    /// Whether a lease on it would be worth keeping: it was opened a moment ago too, and others than root can write it.
    /// </returns>
    public bool NoteOpen(WatchedGroup group, in FileStatus status)
    {
        ref LeaseStatus leases = ref _journal.Header.Leases;
        if (leases.Room == 0 || !status.IsUserWritable || !group.Plan.MayKeepLeases || status.MountId > _lastMountId)
        {
            return false;
        }

        long now = Clock.Now;
        bool isAgain = _opened.Has(status.Device, status.Inode, now, leases.Time);
        _opened.Note(status.Device, status.Inode, now);
        return isAgain
            && !_journal.BrokenLeases.Has(status.Device, status.Inode, now, TimesLeftAlone * leases.Time);
    }

    /// <summary>Offers a lease. Taken or not, it goes on until the caller closes the file, which must be next.</summary>
    /// <param name="group">The group that the event came from.</param>
    /// <param name="file">The event's file; its lease has been held since its status was looked at.</param>
    /// <param name="status">The status of a version that was known to be clean.</param>
    /// <param name="readAt">When the event was read, before the lease was taken.</param>
    public void Offer(WatchedGroup group, ContentDescriptor file, in FileStatus status, long readAt)
    {
        if (!group.TryPrepareMark())
        {
            return;
        }

        // From here on whatever makes the mark wrong has the group replaced, also before the mark is set; and what has
        // made it wrong by now shows here.
        CacheRule rule = group.CacheOf(status);
        if (group.IsBeingReplaced || rule.Trust != VersionTrust.Version
            || !_verdicts.IsStillClean(FileVersion.Of(rule.Identity, status)))
        {
            return;
        }

        LeaseOffer offer = new(group.Index, group.Generation, readAt, status);
        Errno error = _socket.TrySend(MemoryMarshal.AsBytes(new ReadOnlySpan<LeaseOffer>(in offer)), file);
        Interlocked.Increment(ref error == Errno.None ? ref _sent : ref _unsent);
    }
}
