using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor;

/// <summary>Takes the leases over that workers offer, and has the kernel ask no more about their files.</summary>
/// <remarks>For the thread of <see cref="LeaseKeeper"/>, whose rules hold here too.</remarks>
internal sealed class LeaseIntake(
    EventJournal journal, LeaseTable leases, LeasedGroups groups, ControlSocket offers, FileCloser closer)
{
    /// <summary>
    /// An older offer's lease may have been broken by force, and the file have been written and closed since:
    /// <c>fs.lease-break-time</c> is a second at least.
    /// </summary>
    private const long OldestOffer = 500 * Clock.NanosecondsPerMillisecond;

    private volatile bool _isSuspended;

    private ref LeaseStatus Status => ref journal.Header.Leases;

    /// <summary>Whether every offer is refused. From any thread.</summary>
    public bool IsSuspended
    {
        get => _isSuspended;
        set => _isSuspended = value;
    }

    /// <summary>Takes up some of the offers that are there.</summary>
    /// <param name="most">Then somebody else has a turn.</param>
    /// <param name="signals">Will tell of writers.</param>
    public void Take(int most, LeaseSignals signals)
    {
        LeaseOffer offer = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref offer, 1));
        for (int step = 0; step < most; step++)
        {
            Errno error = offers.TryReceive(bytes, out int length, out PassedFile? passed);
            if (error == Errno.EAGAIN)
            {
                return;
            }

            if (passed is not { } file)
            {
                // No descriptor was left for it.
                continue;
            }

            if (error == Errno.None && length == bytes.Length && TryKeep(offer, file, signals))
            {
                Status.Count(LeaseCounter.Taken);
                continue;
            }

            Status.Count(LeaseCounter.Refused);
            closer.GiveBack(file);
        }
    }

    /// <summary>Takes a lease over and has its group ask no more, if all is still as the worker saw it.</summary>
    /// <returns>Whether the file is in the table; else it is still the caller's.</returns>
    private bool TryKeep(in LeaseOffer offer, PassedFile file, LeaseSignals signals)
    {
        long now = Clock.Now;
        FileStatus seen = offer.Status;
        if (_isSuspended || leases.Room == 0 || groups.Find(offer) is not { } group || now - offer.TakenAt > OldestOffer)
        {
            return false;
        }

        if (leases.Find(offer.Group, seen.Device, seen.Inode) is int known and not LeaseTable.None)
        {
            // The event came before the bits were there, or something has cleared them.
            _ = TryPassUnasked(group, leases[known].File);
            return false;
        }

        if (ReadLease.TryTakeOver(file, signals) != Errno.None
            || file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status) != Errno.None
            || status != seen)
        {
            return false;
        }

        // From here on it is in the table, where a signal finds it.
        int index = leases.Add(new KeptLease(file, offer.Group, seen.Device, seen.Inode, now + Status.Time));
        if (TryPassUnasked(group, file))
        {
            return true;
        }

        leases.Remove(index);
        return false;
    }

    /// <summary>Has a group not ask about a file, unless its lease is being broken by now.</summary>
    private static bool TryPassUnasked(FanotifyGroup group, PassedFile file)
    {
        if (group.TryPassUnasked(file.Content) == Errno.None && ReadLease.IsHeld(file.Content))
        {
            return true;
        }

        _ = group.TryAskAgain(file.Content);
        return false;
    }
}
