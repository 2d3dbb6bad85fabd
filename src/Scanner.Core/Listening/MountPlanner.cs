using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>Says what is to be watched, given what is mounted.</summary>
/// <remarks>
/// Watched are the file systems that hold a watched directory, and those that are mounted below one. Each local and
/// network file system has a group of its own, so that overlay and backing file system never share one (a reader
/// that opens on the overlay would ask itself); the FUSE file systems of one user share one, so that no user can
/// use up the groups.
/// </remarks>
internal sealed class MountPlanner(WatchOptions options, EventJournal journal, HostMounts host, TimeProvider time)
{
    private const ulong FuseKey = 1UL << 63;
    private const long BacklogNanoseconds = 5_000 * Clock.NanosecondsPerMillisecond;

    private readonly long _backlogUntil =
        journal.Header.WorkerGeneration == 1 ? Clock.Now : Clock.Now + BacklogNanoseconds;

    /// <summary>Lays out the groups for a mount table.</summary>
    /// <param name="table">The host's table.</param>
    /// <param name="refused">Mount points below a watched directory that may not be watched.</param>
    public IReadOnlyList<FilesystemPlan> Plan(IReadOnlyList<MountEntry> table, out IReadOnlyList<BytePath> refused)
    {
        Dictionary<DeviceNumber, List<BytePath>> trees = FindTrees(table);
        refused = options.WholeRoot ? [] : TakeOutRoot(table, trees);

        Dictionary<ulong, List<MountEntry>> byGroup = [];
        foreach (MountEntry entry in table.Where(entry => trees.ContainsKey(entry.Filesystem)))
        {
            ulong key = KeyOf(entry);
            if (!byGroup.TryGetValue(key, out List<MountEntry>? mounts))
            {
                byGroup.Add(key, mounts = []);
            }

            mounts.Add(entry);
        }

        return [.. byGroup.Select(group => PlanGroup(group.Key, group.Value, trees))];
    }

    private FilesystemPlan PlanGroup(
        ulong key, List<MountEntry> mounts, Dictionary<DeviceNumber, List<BytePath>> trees)
    {
        List<TrustedMount> trusted = [];
        foreach (MountEntry mount in mounts)
        {
            if (host.TryReach(mount) is ulong id)
            {
                trusted.Add(new TrustedMount(id, mount.Root, mount.MountPoint, trees[mount.Filesystem]));
            }
        }

        // What a server says of names and times proves nothing: no path there leads out of a watch.
        FilesystemKind kind = FilesystemKinds.Of(mounts[0].Type);
        MoveGuard? guard = kind == FilesystemKind.Local ? new MoveGuard(host.Root, _backlogUntil, time) : null;
        return new FilesystemPlan(
            key,
            kind,
            [.. mounts.Select(mount => mount.Filesystem).Distinct()],
            [.. trusted.Select(mount => mount.MountPoint)],
            new Coverage(trusted, guard));
    }

    /// <summary>The directories to decide on, inside each file system.</summary>
    private Dictionary<DeviceNumber, List<BytePath>> FindTrees(IReadOnlyList<MountEntry> table)
    {
        Dictionary<DeviceNumber, List<BytePath>> trees = [];
        foreach (MountEntry entry in table)
        {
            if (FilesystemKinds.Of(entry.Type) == FilesystemKind.Pseudo)
            {
                continue;
            }

            foreach (WatchRoot root in options.Roots)
            {
                if (BytePath.IsWithin(entry.MountPoint.Bytes, root.Path.Bytes))
                {
                    Add(entry.Filesystem, entry.Root);
                }

                if (entry.Filesystem == root.Filesystem)
                {
                    Add(entry.Filesystem, root.Tree);
                }
            }
        }

        return trees;

        void Add(DeviceNumber filesystem, BytePath tree)
        {
            if (!trees.TryGetValue(filesystem, out List<BytePath>? known))
            {
                trees.Add(filesystem, known = []);
            }

            if (!known.Contains(tree))
            {
                known.Add(tree);
            }
        }
    }

    /// <summary>A bind mount may show a part of the root file system below a watched directory.</summary>
    private static List<BytePath> TakeOutRoot(
        IReadOnlyList<MountEntry> table, Dictionary<DeviceNumber, List<BytePath>> trees)
    {
        List<BytePath> refused = [];
        foreach (MountEntry root in table.Where(entry => entry.MountPoint.Bytes.SequenceEqual("/"u8)))
        {
            if (trees.Remove(root.Filesystem, out List<BytePath>? taken))
            {
                refused.AddRange(taken);
            }
        }

        return refused;
    }

    private static ulong KeyOf(MountEntry entry) =>
        FilesystemKinds.Of(entry.Type) == FilesystemKind.Fuse && uint.TryParse(entry.Option("user_id"), out uint user)
            ? FuseKey | user
            : entry.Filesystem.Packed;
}
