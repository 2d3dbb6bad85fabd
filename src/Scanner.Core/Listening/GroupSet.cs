using Microsoft.Extensions.Logging;
using Scanner.Core.Policy;
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
/// </remarks>
internal sealed partial class GroupSet : IDisposable
{
    private const EventMask Listened = EventMask.OpenPermission | EventMask.OpenExecPermission | EventMask.CloseWrite;

    private readonly ListeningTools _tools;
    private readonly MountPlanner _planner;
    private readonly SupervisorLink _link;
    private readonly BackingFiles _backing;
    private readonly ILogger _logger;
    private readonly Dictionary<ulong, WatchedGroup> _groups = [];

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
        Adopt(plan);
    }

    public IReadOnlyCollection<WatchedGroup> Groups => _groups.Values;

    /// <summary>Brings everything in line with what is mounted now.</summary>
    /// <returns>The mount points of what could not be watched, each with the reason.</returns>
    public IReadOnlyList<string> Reconcile()
    {
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
            Try(() => LetGo(gone, table, failures), _groups[gone].Plan, failures);
        }

        // An earlier worker's group may still be asked for what is not planned any more: somebody must answer.
        foreach (WatchedGroup group in _groups.Values)
        {
            group.StartReading();
        }

        return failures;
    }

    /// <summary>The group with an index, for an event found in the journal.</summary>
    public WatchedGroup? Find(int index) => _groups.Values.FirstOrDefault(group => group.Index == index);

    public void LookAtRenames()
    {
        foreach (WatchedGroup group in _groups.Values)
        {
            group.LookAtRenames();
        }
    }

    /// <summary>Stops asking. What is queued is still delivered.</summary>
    public void RemoveMarks()
    {
        foreach (WatchedGroup group in _groups.Values)
        {
            group.Fanotify.FlushFilesystems();
        }
    }

    /// <summary>Reads no more events. What is queued is left to the next worker.</summary>
    public void StopReading()
    {
        foreach (WatchedGroup group in _groups.Values)
        {
            group.StopReading();
        }
    }

    public void Dispose()
    {
        foreach (WatchedGroup group in _groups.Values)
        {
            group.Dispose();
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
                FilesystemPlan unknown = FilesystemPlan.Unknown(entry.Key);
                FanotifyGroup fanotify = FanotifyGroup.Adopt(descriptors.Group(index));
                if (!_groups.TryAdd(entry.Key, new WatchedGroup(index, fanotify, unknown, _tools)))
                {
                    // Opened twice because its first closing failed: the other one is marked.
                    fanotify.Dispose();
                    _link.CloseGroup(index);
                }
            }
        }
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

        bool isNew = !_groups.TryGetValue(plan.Key, out WatchedGroup? group);
        if (group is null)
        {
            group = OpenGroup(plan);
        }

        group.IsLeaving = false;
        _tools.Own.Exempt(group.Fanotify, plan.Filesystems);

        // A mark goes with its file system, so one with a mark is the one that was asked about before.
        group.Plan = _backing.Follow(plan, isKnown: group.Fanotify.HasFilesystemMarks());
        group.FollowRenames();
        group.StartReading();
        foreach (TrustedMount mount in plan.Anchor is { } anchor ? [anchor] : plan.Mounts)
        {
            using Descriptor? place = _tools.Host.TryOpen(mount);
            if (place is not null)
            {
                group.Fanotify.MarkFilesystem(Listened, _tools.Host.Root, place.SelfPath);
            }
            else if (plan.Anchor is not null)
            {
                failures.Add($"{plan.Places}: unmounted or moved while it was looked at");
            }
        }

        if (isNew)
        {
            Log.MountsChanged(_logger, plan.Places);
        }
    }

    private WatchedGroup OpenGroup(FilesystemPlan plan)
    {
        (int index, FanotifyGroup fanotify) = _link.OpenGroup(plan.Key);
        try
        {
            WatchedGroup group = new(index, fanotify, plan, _tools);
            _groups.Add(plan.Key, group);
            return group;
        }
        catch (ErrnoException)
        {
            fanotify.Dispose();
            _link.CloseGroup(index);
            throw;
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
        WatchedGroup group = _groups[key];
        if (table.Any(entry => group.Plan.Filesystems.Contains(entry.Filesystem)))
        {
            // Still mounted, but no longer below a watched directory.
            _backing.Leave(key);
            group.Fanotify.FlushFilesystems();
        }

        bool isQuiet = group.IsLeaving && !group.Fanotify.HasFilesystemMarks() && !group.Replies.IsExpecting;
        group.IsLeaving = true;
        if (!isQuiet)
        {
            // Not at the first look: an event may be on its way from the kernel's queue to a slot.
            // Unmounted lazily, a file system lives on, and is asked about, for those who still use it.
            failures.Add($"{group.Plan.Places}: unmounted, but still in use");
            return;
        }

        _groups.Remove(key);
        _backing.Leave(key);
        group.Dispose();
        _link.CloseGroup(group.Index);
        Log.Unmounted(_logger, group.Plan.Places);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.MountsChanged, LogLevel.Information, "Watching {MountPoints}")]
        public static partial void MountsChanged(ILogger logger, string mountPoints);

        [LoggerMessage(EventIds.Unmounted, LogLevel.Information, "No longer mounted: {MountPoints}")]
        public static partial void Unmounted(ILogger logger, string mountPoints);
    }
}
