using Microsoft.Extensions.Logging;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>Makes groups, readers and marks follow the mounts. One thread only.</summary>
/// <remarks>
/// Order for a file system: first the scanner's own clones of it are exempt, then it is known what is covered, then
/// somebody reads, and only then it is marked; a mark set earlier would ask nobody.
/// </remarks>
internal sealed partial class GroupSet : IDisposable
{
    private const EventMask Listened = EventMask.OpenPermission | EventMask.OpenExecPermission | EventMask.CloseWrite;

    private readonly ListeningTools _tools;
    private readonly MountPlanner _planner;
    private readonly PrivateMounts _private;
    private readonly SupervisorLink _link;
    private readonly ILogger _logger;
    private readonly Dictionary<ulong, WatchedGroup> _groups = [];

    public GroupSet(
        ListeningTools tools,
        MountPlanner planner,
        PrivateMounts own,
        SupervisorLink link,
        DescriptorPlan plan,
        ILogger<GroupSet> logger)
    {
        _tools = tools;
        _planner = planner;
        _private = own;
        _link = link;
        _logger = logger;
        Adopt(plan);
    }

    public IReadOnlyCollection<WatchedGroup> Groups => _groups.Values;

    /// <summary>Brings everything in line with what is mounted now.</summary>
    /// <returns>The mount points of what could not be watched, each with the reason.</returns>
    public IReadOnlyList<string> Reconcile()
    {
        IReadOnlyList<MountEntry> table = _tools.Host.Table.Read();
        IReadOnlyList<FilesystemPlan> plans = _planner.Plan(table, out IReadOnlyList<BytePath> refused);
        List<string> failures = [.. refused.Select(tree => $"{tree}: is on the root file system; see --whole-root")];
        _private.DetachUnmounted(table);
        foreach (FilesystemPlan plan in plans)
        {
            try
            {
                Watch(plan);
            }
            catch (ErrnoException error)
            {
                failures.Add($"{string.Join(", ", plan.MountPoints)}: {error.Message}");
            }
        }

        foreach (ulong gone in _groups.Keys.Except(plans.Select(plan => plan.Key)).ToList())
        {
            // Unmounted lazily, a file system lives on, and is asked about, for those who still use it.
            if (_groups[gone].Fanotify.HasFilesystemMarks())
            {
                failures.Add($"{string.Join(", ", _groups[gone].Plan.MountPoints)}: unmounted, but still in use");
            }
            else
            {
                Retire(gone);
            }
        }

        return failures;
    }

    /// <summary>The group with an index, for an event found in the journal.</summary>
    public WatchedGroup? Find(int index) => _groups.Values.FirstOrDefault(group => group.Index == index);

    /// <summary>Whether some group wants <see cref="LookAtRenames"/> to be called now and then.</summary>
    public bool FollowsRenames => _groups.Values.Any(group => !group.Coverage.IsWhole);

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
                _groups.Add(entry.Key, new WatchedGroup(index, fanotify, unknown, _tools));
            }
        }
    }

    private void Watch(FilesystemPlan plan)
    {
        if (plan.MountPoints.Count == 0)
        {
            throw ErrnoException.From(Errno.ENOENT, "openat", "every mount of it is hidden below another one");
        }

        bool isNew = !_groups.TryGetValue(plan.Key, out WatchedGroup? group);
        if (group is null)
        {
            (int index, FanotifyGroup fanotify) = _link.OpenGroup(plan.Key);
            group = new WatchedGroup(index, fanotify, plan, _tools);
            _groups.Add(plan.Key, group);
        }

        _private.Exempt(group.Fanotify, plan.Filesystems);
        group.Plan = plan;
        group.FollowRenames();
        group.StartReading();
        foreach (BytePath mountPoint in plan.MountPoints)
        {
            group.Fanotify.MarkFilesystem(Listened, _tools.Host.Root, HostMounts.Relative(mountPoint));
        }

        if (isNew)
        {
            Log.MountsChanged(_logger, string.Join(", ", plan.MountPoints));
        }
    }

    private void Retire(ulong key)
    {
        _groups.Remove(key, out WatchedGroup? group);
        group!.Dispose();
        _link.CloseGroup(group.Index);
        Log.Unmounted(_logger, string.Join(", ", group.Plan.MountPoints));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.MountsChanged, LogLevel.Information, "Watching {MountPoints}")]
        public static partial void MountsChanged(ILogger logger, string mountPoints);

        [LoggerMessage(EventIds.Unmounted, LogLevel.Information, "No longer mounted: {MountPoints}")]
        public static partial void Unmounted(ILogger logger, string mountPoints);
    }
}
