using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Supervisor;

/// <summary>The groups that leases may be kept for, each with the incarnation of its index.</summary>
/// <remarks>Changed by the main thread and, when a group is forgotten, by that of the leases.</remarks>
internal sealed class LeasedGroups(EventJournal journal)
{
    private readonly NumberedGroup?[] _groups = new NumberedGroup?[EventJournal.MaxGroups];

    public FanotifyGroup? this[int index] => Volatile.Read(ref _groups[index])?.Group;

    public void Add(int index, FanotifyGroup group) =>
        Volatile.Write(ref _groups[index], new NumberedGroup(group, journal.Group(index).Generation));

    public void Remove(int index) => Volatile.Write(ref _groups[index], null);

    /// <summary>The group that an offer is for; <c>null</c> if it is gone, and its index perhaps another's.</summary>
    public FanotifyGroup? Find(in LeaseOffer offer) =>
        (uint)offer.Group < (uint)_groups.Length
        && Volatile.Read(ref _groups[offer.Group]) is { } known && known.Generation == offer.Generation
            ? known.Group
            : null;

    private sealed record NumberedGroup(FanotifyGroup Group, int Generation);
}
