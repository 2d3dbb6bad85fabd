using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Scanner.Core.Caching;
using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>
/// Says how verdicts on a file system's files may be kept, and gives the file system a name for that.
/// </summary>
/// <remarks>
/// A file system that can be changed where nobody watches is named after its mount: no mount id is reused, and a
/// mount keeps its file system from being mounted elsewhere. What was known of it before is not found then.
/// </remarks>
/// <param name="host">Reaches the mounts.</param>
/// <param name="devices">Knows what a file system lies on.</param>
/// <param name="proc">Where /proc is.</param>
internal sealed class CacheRules(HostMounts host, BlockDevices devices, string proc = "/proc")
{
    private readonly string _boot = File.ReadAllText(Path.Combine(proc, "sys/kernel/random/boot_id")).Trim();

    /// <summary>Completes a plan.</summary>
    /// <param name="plan">For one file system, else nothing is kept.</param>
    /// <param name="type">Its type, as the mount table shows it.</param>
    public FilesystemPlan Complete(FilesystemPlan plan, string type)
    {
        plan = plan with { IsOverlay = type == "overlay" };
        if (plan.Kind != FilesystemKind.Local || plan.Filesystems.Count != 1)
        {
            return plan;
        }

        foreach (TrustedMount mount in plan.Mounts.OrderBy(mount => mount.Id))
        {
            try
            {
                using Descriptor? place = host.TryOpen(mount);

                // Only a directory is opened: it asks nobody for permission, and a reader may not be there yet.
                if (place is not null && FileStatus.Of(place).Kind == FileKind.Directory)
                {
                    using Descriptor directory = Descriptor.OpenRead(host.Root, place.SelfPath);
                    return Complete(plan, type, mount, FilesystemStatus.Of(directory));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Unmounted just now: the next look knows more, and nothing is kept until then.
            }
        }

        return plan;
    }

    private FilesystemPlan Complete(FilesystemPlan plan, string type, TrustedMount anchor, FilesystemStatus status)
    {
        IReadOnlyList<Disk> disks = status.Magic == FilesystemStatus.Btrfs
            ? devices.DisksOfBtrfs(status.Uuid)
            : devices.DisksOf(status.Device);

        // The id of xfs is its device number, which the next disk in its place has too.
        bool isNamed = status.Uuid != Guid.Empty || status.Magic is FilesystemStatus.Ext or FilesystemStatus.Btrfs;
        bool isFixed = isNamed && disks.All(disk => disk.Kind == DiskKind.Fixed);
        bool isProvable = HasReliableVersions(type, status) && disks.All(disk => disk.Kind != DiskKind.Unknown)
            && (isFixed || status.HasLastingMountIds);
        return plan with
        {
            Rule = new CacheRule(
                isProvable ? VersionTrust.Version : VersionTrust.Content,
                Name(type, status, isFixed ? null : anchor.Id),
                isFixed),
            MayKeepLeases = disks.All(disk => disk.Kind is DiskKind.Fixed or DiskKind.Loop),
            Anchor = anchor,
            LoopDevices = [.. disks.Where(disk => disk.Kind == DiskKind.Loop)],
        };
    }

    /// <summary>Whether leases and the change time tell of every writer that there can be.</summary>
    /// <remarks>The table's type is that of an earlier moment, the number is that of what was opened.</remarks>
    private bool HasReliableVersions(string type, FilesystemStatus status) =>
        (type, status.Magic) is ("ext2" or "ext3" or "ext4", FilesystemStatus.Ext)
            or ("xfs", FilesystemStatus.Xfs)
            or ("btrfs", FilesystemStatus.Btrfs)
        && status.HasBirthTimes
        && File.ReadAllText(Path.Combine(proc, "sys/fs/leases-enable")).Trim() == "1";

    /// <param name="type">The file system's type.</param>
    /// <param name="status">Its own identity.</param>
    /// <param name="mount">The mount it is named after; <c>null</c> if its name outlives unmounting.</param>
    private ulong Name(string type, FilesystemStatus status, ulong? mount)
    {
        string own = status.Uuid != Guid.Empty ? status.Uuid.ToString() : $"{status.Id:x16}";
        string name = mount is null ? $"{type}\0{own}" : $"{type}\0{own}\0{_boot}\0{mount}";
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }
}
