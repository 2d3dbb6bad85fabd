using System.Globalization;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>Listens to the files behind loop devices: who writes one changes a mounted file system.</summary>
/// <remarks>
/// Nothing on the mounted file system tells of it: neither leases nor the change time. So the first open of the backing
/// file by another process ends the trust in file versions. The device's own node is only listened to for writes: it
/// is opened by every mount(8), losetup(8) and blkid(8). What the loop driver writes itself leaves no notice, until it
/// closes the file.
/// For the thread of the mounts.
/// </remarks>
internal sealed class BackingFiles : IDisposable
{
    /// <summary>Images on images; deeper than anybody stacks them.</summary>
    private const int MaxDepth = 8;

    private readonly HostMounts _host;
    private readonly BlockDevices _devices;
    private readonly int _supervisorId;
    private readonly Dictionary<ulong, BackingWatch> _byGroup = [];
    private readonly HashSet<ulong> _left = [];
    private readonly NoticeThread _thread = new("backing files");

    public BackingFiles(HostMounts host, BlockDevices devices, EventJournal journal)
    {
        _host = host;
        _devices = devices;
        _supervisorId = journal.Header.SupervisorId;
    }

    /// <summary>
    /// Raised when the trust in versions on a file system has ended, on a thread that must go on listening.
    /// </summary>
    public event Action<BackingWatch>? Touched;

    /// <summary>Listens to what lies below a plan's file system, before anything is kept of it.</summary>
    /// <param name="plan">What is about to be put in place.</param>
    /// <param name="isKnown">Whether its file system is the one that the group has asked about already.</param>
    /// <returns>The plan to put in place.</returns>
    public FilesystemPlan Follow(FilesystemPlan plan, bool isKnown)
    {
        if (plan.LoopDevices.Count == 0)
        {
            return plan;
        }

        ulong identity = plan.Rule.Identity;
        if (!_byGroup.TryGetValue(plan.Key, out BackingWatch? watch))
        {
            // An earlier worker's, or once left: what was written since then is not known.
            watch = isKnown || _left.Contains(identity) ? new BackingWatch(identity, group: null) : Begin(plan);
            _byGroup.Add(plan.Key, watch);
        }
        else if (!isKnown && watch.Identity != identity)
        {
            Leave(plan.Key);
            return Follow(plan, isKnown);
        }

        watch.Identity = identity;
        return plan with { Backing = watch };
    }

    /// <summary>Ends listening for a group that asks no more.</summary>
    public void Leave(ulong key)
    {
        if (_byGroup.Remove(key, out BackingWatch? watch))
        {
            // Should the same mount come back, nobody will have listened in between.
            _left.Add(watch.Identity);
            watch.Touch();
            Drop(watch);
        }
    }

    public void Dispose()
    {
        _thread.Dispose();
        foreach (BackingWatch watch in _byGroup.Values)
        {
            watch.Dispose();
        }
    }

    private void Drop(BackingWatch watch)
    {
        if (watch.Group is { } group)
        {
            _thread.Remove(group);
        }

        watch.Dispose();
    }

    private BackingWatch Begin(FilesystemPlan plan)
    {
        NoticeGroup? group = null;
        try
        {
            group = NoticeGroup.Open();
            List<FileStatus> files = [];
            foreach (Disk loop in plan.LoopDevices)
            {
                Mark(group, loop, files, 0);
            }

            // After the marks: who opens them from here on is noticed.
            if (!FileWriters.AnyOf(files, Environment.ProcessId, _supervisorId))
            {
                BackingWatch watch = new(plan.Rule.Identity, group);
                _thread.Add(group, notices => Look(notices, watch));
                return watch;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            // What cannot be found or listened to may be written by anybody.
        }

        group?.Dispose();
        return new BackingWatch(plan.Rule.Identity, group: null);
    }

    /// <exception cref="ErrnoException">A file cannot be listened to; ESTALE if its path leads elsewhere.</exception>
    private void Mark(NoticeGroup group, Disk loop, List<FileStatus> files, int depth)
    {
        using Descriptor node = Descriptor.OpenRead(_host.Root, new BytePath($"dev/{loop.Name}"));
        LoopTarget target = LoopTarget.Of(node);
        using Descriptor file = Descriptor.OpenPath(
            _host.Root, HostMounts.Relative(BlockDevices.BackingFileOf(loop) ?? new BytePath("/")));
        FileStatus status = FileStatus.Of(file);
        FilesystemStatus holder = FilesystemStatus.Of(file);
        if (loop.Name != string.Create(CultureInfo.InvariantCulture, $"loop{target.Number}")
            || (target.Device.Packed, target.Inode) != (status.Device, status.Inode)
            || !TellsOfWriters(holder)
            || depth == MaxDepth)
        {
            throw ErrnoException.From(Errno.ESTALE, "stat", $"the backing file of {loop.Name}");
        }

        const EventMask writing = EventMask.Modify | EventMask.CloseWrite;
        group.MarkFile(EventMask.Open | writing, _host.Root, file.SelfPath);
        group.MarkFile(writing, _host.Root, node.SelfPath);
        files.Add(status);
        IReadOnlyList<Disk> below = holder.Magic == FilesystemStatus.Btrfs
            ? _devices.DisksOfBtrfs(Guid.Empty)
            : _devices.DisksOf(holder.Device);
        foreach (Disk lower in below.Where(disk => disk.Kind == DiskKind.Loop && disk.Name != loop.Name))
        {
            Mark(group, lower, files, depth + 1);
        }
    }

    /// <summary>A file on a server, or behind FUSE, changes without any notice here.</summary>
    private static bool TellsOfWriters(FilesystemStatus holder) =>
        holder.Magic is FilesystemStatus.Ext or FilesystemStatus.Xfs or FilesystemStatus.Btrfs
            or FilesystemStatus.Tmpfs or FilesystemStatus.Overlay;

    /// <summary>Whoever opens the file may write next.</summary>
    private void Look(NoticeGroup notices, BackingWatch watch)
    {
        Span<byte> buffer = stackalloc byte[NoticeGroup.BufferBytes];
        foreach (Notice notice in notices.TakeAll(buffer))
        {
            if (notice.ProcessId != Environment.ProcessId && notice.ProcessId != _supervisorId)
            {
                watch.Touch();
                Touched?.Invoke(watch);
                _thread.Remove(notices);
                return;
            }
        }
    }
}
