using Scanner.Core.Policy;
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
internal sealed class MountPlanner(WatchOptions options, HostMounts host, CacheRules rules)
{
    private const ulong FuseKey = 1UL << 63;
    /// <summary>Lays out the groups for a mount table.</summary>
    /// <param name="table">The host's table.</param>
    /// <param name="failures">What cannot be watched, and why.</param>
    public IReadOnlyList<FilesystemPlan> Plan(IReadOnlyList<MountEntry> table, out List<string> failures)
    {
        failures = [];
        Dictionary<DeviceNumber, List<BytePath>> trees = FindTrees(table, failures);
        if (!options.WholeRoot)
        {
            TakeOutRoot(table, trees, failures);
        }

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
        FilesystemPlan plan = new(
            key,
            kind,
            [.. mounts.Select(mount => mount.Filesystem).Distinct()],
            trusted,
            new Coverage(trusted, believesPaths: kind == FilesystemKind.Local))
        {
            IsIdmapped = mounts.Any(mount => mount.IsIdmapped),
        };
        return rules.Complete(plan, mounts[0].Type);
    }

    /// <summary>The directories to decide on, inside each file system.</summary>
    private Dictionary<DeviceNumber, List<BytePath>> FindTrees(IReadOnlyList<MountEntry> table, List<string> failures)
    {
        Dictionary<DeviceNumber, List<BytePath>> trees = [];
        foreach (WatchRoot root in options.Roots)
        {
            bool isThere = false;
            foreach ((DeviceNumber filesystem, BytePath tree) in Locate(root, table))
            {
                isThere = true;
                Add(filesystem, tree);
            }

            foreach (MountEntry entry in table)
            {
                if (BytePath.IsWithin(entry.MountPoint.Bytes, root.Path.Bytes)
                    && FilesystemKinds.Of(entry.Type) != FilesystemKind.Pseudo)
                {
                    isThere = true;
                    Add(entry.Filesystem, entry.Root);
                }
            }

            if (!isThere)
            {
                failures.Add($"{root.Path}: its file system is not mounted");
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

    /// <summary>
    /// Where a watched directory lies: where it was found first, while that mount is there, and what its path leads to
    /// now, which may have been mounted since. Device numbers and the mount ids of the table are given away again,
    /// often both to the same new mount.
    /// </summary>
    private IEnumerable<(DeviceNumber Filesystem, BytePath Tree)> Locate(
        WatchRoot root, IReadOnlyList<MountEntry> table)
    {
        MountEntry? first = table.FirstOrDefault(
            entry => entry.Id == root.MountId && entry.Filesystem == root.Filesystem);

        // One that is hidden below another mount cannot be asked who it is.
        if (first is not null && (host.TryReach(first) ?? root.UniqueMountId) == root.UniqueMountId)
        {
            yield return (root.Filesystem, root.Tree);
        }

        if (host.TryFindMount(root.Path) is int id && table.FirstOrDefault(entry => entry.Id == id) is { } mount
            && BytePath.IsWithin(root.Path.Bytes, mount.MountPoint.Bytes) && !IsHostRoot(mount, table))
        {
            yield return (mount.Filesystem, mount.PathInside(root.Path.Bytes));
        }
    }

    /// <summary>A directory whose file system is unmounted lies on the one below, which nobody asked for.</summary>
    private bool IsHostRoot(MountEntry mount, IReadOnlyList<MountEntry> table) =>
        !options.WholeRoot
        && table.Any(entry => entry.MountPoint.Bytes.SequenceEqual("/"u8) && entry.Filesystem == mount.Filesystem);

    /// <summary>A bind mount may show a part of the root file system below a watched directory.</summary>
    private static void TakeOutRoot(
        IReadOnlyList<MountEntry> table, Dictionary<DeviceNumber, List<BytePath>> trees, List<string> failures)
    {
        foreach (MountEntry root in table.Where(entry => entry.MountPoint.Bytes.SequenceEqual("/"u8)))
        {
            if (trees.Remove(root.Filesystem, out List<BytePath>? taken))
            {
                failures.AddRange(taken.Select(tree => $"{tree}: is on the root file system; see --whole-root"));
            }
        }
    }

    private static ulong KeyOf(MountEntry entry) =>
        FilesystemKinds.Of(entry.Type) == FilesystemKind.Fuse && uint.TryParse(entry.Option("user_id"), out uint user)
            ? FuseKey | user
            : entry.Filesystem.Packed;
}
