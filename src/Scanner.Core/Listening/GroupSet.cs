using Microsoft.Extensions.Logging;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>Makes groups, readers and marks follow the mounts. One thread only.</summary>
/// <remarks>
/// Order for a file system: first the scanner's own clones of it are exempt, then it is known what is covered, then
/// somebody reads, and only then it is marked; a mark set earlier would ask nobody. A device number is given away
/// again, but not before the last event of the old file system is answered: so no event is judged by a plan for another
/// one, as long as a file system is marked through the very mount that its plan was made for.
/// Where marks on files may be wrong, a new group takes the place of the old one: removing them one by one, or all at
/// once, would let opens pass. The new one is in force as soon as it is marked, whatever the old one lets pass;
/// <see cref="LeavingGroup"/> tells how that goes. A worker may die between any two steps: the next one finds both
/// groups under the same key, and keeps the one without marks on files.
/// </remarks>
internal sealed partial class GroupSet : IDisposable
{
    private readonly ListeningTools _tools;
    private readonly MountPlanner _planner;
    private readonly SupervisorLink _link;
    private readonly BackingFiles _backing;
    private readonly ILogger _logger;
    private readonly Dictionary<ulong, GroupSuccession> _groups = [];

    public GroupSet(
        ListeningTools tools,
        MountPlanner planner,
        SupervisorLink link,
        BackingFiles backing,
        DescriptorPlan plan,
        ILogger<GroupSet> logger)
    {
        _tools = tools;
        _planner = planner;
        _link = link;
        _backing = backing;
        _logger = logger;
        backing.Touched += tools.Replacements.Distrust;
        Adopt(plan);
    }

    /// <summary>How long a group that was replaced stays, after it was asked last.</summary>
    public TimeSpan LeavingTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Those in force.</summary>
    public IReadOnlyCollection<WatchedGroup> Groups => [.. _groups.Values.Select(groups => groups.Current)];

    /// <summary>Brings everything in line with what is mounted now.</summary>
    /// <returns>The mount points of what could not be watched, each with the reason.</returns>
    public IReadOnlyList<string> Reconcile()
    {
        FinishLeaving();

        // In this order: what appears in between is then in the host's table too, and not taken for unmounted.
        IReadOnlyList<MountEntry> own = _tools.Own.Table.Read();
        IReadOnlyList<MountEntry> table = _tools.Host.Table.Read();
        IReadOnlyList<FilesystemPlan> plans = _planner.Plan(table, out List<string> failures);
        _tools.Own.DetachUnmounted(own, table);
        foreach (FilesystemPlan plan in plans)
        {
            Try(() => Watch(plan, failures), plan, failures);
        }

        foreach (ulong gone in _groups.Keys.Except(plans.Select(plan => plan.Key)).ToList())
        {
            Try(() => LetGo(gone, table, failures), _groups[gone].Current.Plan, failures);
        }

        // An earlier worker's group may still be asked for what is not planned any more: somebody must answer.
        foreach (WatchedGroup group in _groups.Values.SelectMany(groups => groups.Asking))
        {
            group.StartReading();
        }

        return failures;
    }

    /// <summary>Replaces the groups that are to be replaced, without a look at what is mounted now.</summary>
    /// <returns><c>false</c> if that takes a look.</returns>
    public bool Replace()
    {
        FinishLeaving();
        List<string> failures = [];
        foreach (WatchedGroup group in Groups.Where(group => group is { IsBeingReplaced: true, IsLeaving: false }))
        {
            Try(() => Watch(group.Plan, failures), group.Plan, failures);
        }

        return failures.Count == 0;
    }

    /// <summary>The group with an index, for an event found in the journal.</summary>
    public WatchedGroup? Find(int index) =>
        _groups.Values.Select(groups => groups.Find(index)).FirstOrDefault(group => group is not null);

    public void LookAtRenames()
    {
        foreach (GroupSuccession groups in _groups.Values)
        {
            groups.Current.LookAtRenames();
        }
    }

    /// <summary>Stops asking. What is queued is still delivered.</summary>
    public void RemoveMarks()
    {
        foreach (GroupSuccession groups in _groups.Values)
        {
            groups.Stop();
        }
    }

    /// <summary>Reads no more events. What is queued is left to the next worker.</summary>
    public void StopReading()
    {
        foreach (GroupSuccession groups in _groups.Values)
        {
            groups.StopReading();
        }
    }

    public void Dispose()
    {
        foreach (GroupSuccession groups in _groups.Values)
        {
            groups.Dispose();
        }
    }

    /// <summary>Takes over the groups that an earlier worker had opened.</summary>
    private void Adopt(DescriptorPlan descriptors)
    {
        for (int index = 0; index < EventJournal.MaxGroups; index++)
        {
            ref GroupEntry entry = ref _tools.Journal.Group(index);
            if (entry.IsOpen)
            {
                FanotifyGroup fanotify = FanotifyGroup.Adopt(descriptors.Group(index));
                WatchedGroup group = new(index, fanotify, FilesystemPlan.Unknown(entry.Key), _tools);
                group.RequestReplacement(ReplacementReason.NewWorker);
                if (_groups.TryGetValue(entry.Key, out GroupSuccession? groups))
                {
                    groups.Adopt(group);
                }
                else
                {
                    _groups.Add(entry.Key, new GroupSuccession(group));
                }
            }
        }

        _tools.Replacements.Follow(Groups);
    }

    private void Watch(FilesystemPlan plan, List<string> failures)
    {
        if (plan.Mounts.Count == 0)
        {
            failures.Add(plan.Kind == FilesystemKind.Fuse
                ? $"{plan.Places}: mounted without allow_other, only its user can open files there"
                : $"{plan.Places}: every mount of it is hidden below another one");
            return;
        }

        bool isNew = !_groups.TryGetValue(plan.Key, out GroupSuccession? groups);
        if (!TryTellWhetherKnown(plan, groups, out bool isKnown))
        {
            failures.Add($"{plan.Places}: unmounted or moved while it was looked at");
            return;
        }

        groups ??= Open(plan);
        if (groups.Current.IsBeingReplaced)
        {
            TryReplace(groups, plan, failures);
        }

        groups.Current.IsLeaving = false;
        _tools.Own.Exempt(groups.Current.Fanotify, plan.Filesystems);
        bool wasIdmapped = groups.Current.Plan.IsIdmapped;
        groups.Follow(_backing.Follow(plan, isKnown));
        if (plan.IsIdmapped && !wasIdmapped)
        {
            // Once: from here on marks that rest on owners are not set, and those that rest on a lease may stay.
            groups.Current.RequestReplacement(ReplacementReason.OwnersMapped);
        }

        if (groups.TryMark())
        {
            LeaveOutdated(groups);
        }
        else if (plan.Anchor is not null)
        {
            failures.Add($"{plan.Places}: unmounted or moved while it was marked");
        }

        if (isNew)
        {
            Log.MountsChanged(_logger, plan.Places);
        }
    }

    /// <summary>Looks whether a plan's file system is the one that its groups have asked about before.</summary>
    /// <returns><c>false</c> if it cannot be reached any more.</returns>
    private bool TryTellWhetherKnown(FilesystemPlan plan, GroupSuccession? groups, out bool isKnown)
    {
        isKnown = false;
        if (plan.Anchor is not { } anchor)
        {
            return true;
        }

        // Not for longer than the look: it keeps the file system from being unmounted.
        using Descriptor? place = _tools.Host.TryOpen(anchor);
        isKnown = place is not null && groups?.Marks(place) == true;
        return place is not null;
    }

    private GroupSuccession Open(FilesystemPlan plan)
    {
        GroupSuccession groups = new(Open(plan, isReplacement: false));
        _groups.Add(plan.Key, groups);
        _tools.Replacements.Follow(Groups);
        return groups;
    }

    /// <summary>Opens a group in the place of the one in force, if that is possible.</summary>
    private void TryReplace(GroupSuccession groups, FilesystemPlan plan, List<string> failures)
    {
        // Else it goes on asking about whatever is not marked, nothing is marked any more, and this is tried again soon.
        string failure = "others leave first";
        try
        {
            if (!groups.IsFull)
            {
                groups.Replace(Open(plan, isReplacement: true));
                _tools.Replacements.Follow(Groups);
                return;
            }
        }
        catch (ErrnoException error)
        {
            failure = error.Message;
        }

        failures.Add($"{plan.Places}: marks of files that may be wrong cannot be dropped yet: {failure}");
    }

    private WatchedGroup Open(FilesystemPlan plan, bool isReplacement)
    {
        (int index, FanotifyGroup fanotify) = _link.OpenGroup(plan.Key, isReplacement);
        try
        {
            return new WatchedGroup(index, fanotify, plan, _tools);
        }
        catch (ErrnoException)
        {
            fanotify.Dispose();
            _link.CloseGroup(index);
            throw;
        }
    }

    private void LeaveOutdated(GroupSuccession groups)
    {
        foreach (WatchedGroup group in groups.LeaveOutdated(LeavingTime))
        {
            if (group.Replacement is { } reason)
            {
                _tools.Replacements.Count(reason);
                Log.GroupReplaced(_logger, group.Plan.Places, reason);
            }
        }
    }

    private void FinishLeaving()
    {
        foreach (int gone in _groups.Values.SelectMany(groups => groups.TakeGone()))
        {
            _link.CloseGroup(gone);
        }
    }

    private static void Try(Action action, FilesystemPlan plan, List<string> failures)
    {
        try
        {
            action();
        }
        catch (IOException error)
        {
            // One file system's trouble must not keep the others from being watched.
            failures.Add($"{plan.Places}: {error.Message}");
        }
    }

    /// <summary>Ends a group that nothing is planned for, as soon as it has no marks and no events.</summary>
    private void LetGo(ulong key, IReadOnlyList<MountEntry> table, List<string> failures)
    {
        GroupSuccession groups = _groups[key];
        WatchedGroup group = groups.Current;
        if (table.Any(entry => group.Plan.Filesystems.Contains(entry.Filesystem)))
        {
            // Still mounted, but no longer below a watched directory. Should it be again, much will have happened.
            _backing.Leave(key);
            group.RequestReplacement(ReplacementReason.WatchedAgain);
            groups.RemoveMarks();
        }

        bool isQuiet = group.IsLeaving && groups.IsQuiet();
        group.IsLeaving = true;
        if (!isQuiet)
        {
            // Not at the first look: an event may be on its way from the kernel's queue to a slot.
            // Unmounted lazily, a file system lives on, and is asked about, for those who still use it.
            failures.Add($"{group.Plan.Places}: unmounted, but still in use");
            return;
        }

        _groups.Remove(key);
        _tools.Replacements.Follow(Groups);
        _backing.Leave(key);
        groups.Dispose();
        foreach (WatchedGroup gone in groups.Asking)
        {
            _link.CloseGroup(gone.Index);
        }

        Log.Unmounted(_logger, group.Plan.Places);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.MountsChanged, LogLevel.Information, "Watching {MountPoints}")]
        public static partial void MountsChanged(ILogger logger, string mountPoints);

        [LoggerMessage(
            EventIds.GroupReplaced, LogLevel.Information, "All marks of files dropped for {MountPoints}: {Reason}")]
        public static partial void GroupReplaced(ILogger logger, string mountPoints, ReplacementReason reason);

        [LoggerMessage(EventIds.Unmounted, LogLevel.Information, "No longer mounted: {MountPoints}")]
        public static partial void Unmounted(ILogger logger, string mountPoints);
    }
}
