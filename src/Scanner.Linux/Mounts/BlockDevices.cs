namespace Scanner.Linux.Mounts;

/// <summary>What sysfs tells of block devices (sysfs(5)).</summary>
/// <param name="sysfs">Where it is mounted.</param>
public sealed class BlockDevices(string sysfs)
{
    /// <summary>Deeper than anybody stacks device mappers.</summary>
    private const int MaxDepth = 16;

    /// <summary>A page: sysfs gives no more.</summary>
    private const int MaxPathBytes = 4096;

    /// <summary>Drivers of disks that can be built in; everything else a process or a server may deliver.</summary>
    private static readonly string[] s_drivers = ["sd", "vd", "xvd", "hd", "nvme", "mmcblk", "dasd", "pmem"];

    /// <summary>Directories above a disk that another machine may hold the next time.</summary>
    private static readonly string[] s_pluggable = ["usb", "fw", "session", "virtual"];

    /// <summary>The disks below a device: of a partition its disk, of a mapped device those of all its parts.</summary>
    public IReadOnlyList<Disk> DisksOf(DeviceNumber device)
    {
        try
        {
            List<Disk> disks = [];
            Add(Path.Combine(sysfs, "dev", "block", device.ToString()), disks, 0);
            return disks;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            // A device that goes away while it is looked at.
            return [Disk.Unknown];
        }
    }

    /// <summary>The disks below a btrfs, whose own device number is none of a disk.</summary>
    /// <param name="uuid">Which; empty for all there are.</param>
    public IReadOnlyList<Disk> DisksOfBtrfs(Guid uuid)
    {
        string all = Path.Combine(sysfs, "fs", "btrfs");
        try
        {
            List<Disk> disks = [];
            foreach (string filesystem in uuid == Guid.Empty
                ? Directory.GetDirectories(all)
                : [Path.Combine(all, uuid.ToString())])
            {
                string devices = Path.Combine(filesystem, "devices");
                foreach (string device in Directory.Exists(devices) ? Directory.GetFileSystemEntries(devices) : [])
                {
                    Add(device, disks, 0);
                }
            }

            return disks.Count > 0 ? disks : [Disk.Unknown];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return [Disk.Unknown];
        }
    }

    /// <summary>The path that the file behind a loop device has now.</summary>
    /// <returns><c>null</c> if there is none any more.</returns>
    public static BytePath? BackingFileOf(Disk loop)
    {
        try
        {
            using Descriptor file = Descriptor.OpenRead(Path.Combine(loop.Directory, "loop", "backing_file"));
            Span<byte> page = stackalloc byte[MaxPathBytes];
            Errno error = file.Content.TryRead(page, 0, out int length);
            ReadOnlySpan<byte> path = page[..length];
            return error == Errno.None && path is [(byte)'/', .., (byte)'\n'] ? new BytePath(path[..^1]) : null;
        }
        catch (ErrnoException)
        {
            return null;
        }
    }

    private static void Add(string link, List<Disk> disks, int depth)
    {
        string? directory = new DirectoryInfo(link).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        if (directory is null || !Directory.Exists(directory) || depth > MaxDepth)
        {
            disks.Add(Disk.Unknown);
            return;
        }

        if (File.Exists(Path.Combine(directory, "partition")))
        {
            directory = Path.GetDirectoryName(directory)!;
        }

        string parts = Path.Combine(directory, "slaves");
        string[] slaves = Directory.Exists(parts) ? Directory.GetFileSystemEntries(parts) : [];
        foreach (string slave in slaves)
        {
            Add(slave, disks, depth + 1);
        }

        if (slaves.Length == 0)
        {
            disks.Add(new Disk(Path.GetFileName(directory), KindOf(directory), directory));
        }
    }

    private static DiskKind KindOf(string directory)
    {
        string name = Path.GetFileName(directory);
        if (Directory.Exists(Path.Combine(directory, "loop")))
        {
            return DiskKind.Loop;
        }

        if (!s_drivers.Any(driver => IsNumbered(name, driver)))
        {
            return IsNumbered(name, "zram") || IsNumbered(name, "ram") ? DiskKind.Removable : DiskKind.Unknown;
        }

        // A card in a slot is not marked as removable; a chip on the board says MMC.
        string cardType = Path.Combine(directory, "device", "type");
        bool isCard = IsNumbered(name, "mmcblk")
            && !(File.Exists(cardType) && File.ReadAllText(cardType).Trim() == "MMC");
        return isCard || IsPluggable(directory) ? DiskKind.Removable : DiskKind.Fixed;
    }

    private static bool IsPluggable(string directory)
    {
        // A disk says 0 or 1, the bus that it hangs on "fixed", "removable" or "unknown".
        for (string? at = directory; at is not null; at = Path.GetDirectoryName(at))
        {
            string flag = Path.Combine(at, "removable");
            if ((File.Exists(flag) && File.ReadAllText(flag).Trim() is not ("0" or "fixed"))
                || s_pluggable.Any(bus => IsNumbered(Path.GetFileName(at), bus)))
            {
                return true;
            }
        }

        return !File.Exists(Path.Combine(directory, "removable"));
    }

    /// <summary>Whether a name is a prefix that goes on with a letter or a number: sda, usb1, session3.</summary>
    private static bool IsNumbered(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && (name.Length == prefix.Length || char.IsAsciiDigit(name[prefix.Length])
            || (prefix[^1] == 'd' && char.IsAsciiLetterLower(name[prefix.Length])));
}
