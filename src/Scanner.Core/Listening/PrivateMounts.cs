using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>The private mount namespace that the scanner's own processes live in.</summary>
/// <remarks>
/// It holds a clone of each mount of the host. Opens through a clone of a watched file system are exempt by a mark
/// on the clone, so that a restart does not wait for the reader that it is about to start.
/// </remarks>
internal sealed class PrivateMounts(MountTable table, Descriptor root)
{
    private readonly ConcurrentDictionary<DeviceNumber, Way> _ways = new();

    public MountTable Table => table;

    /// <summary>
    /// The largest id that a mount can have which was there before this namespace was made, at the start. 0 before
    /// Linux 6.8, where ids are given again.
    /// </summary>
    public ulong LastMountIdAtStart => FileStatus.HasUniqueMountId(root) ? FileStatus.Of(root).MountId : 0;

    /// <summary>Exempts every clone of these file systems from asking the group.</summary>
    /// <exception cref="ErrnoException">A clone cannot be marked.</exception>
    public void Exempt(FanotifyGroup group, IReadOnlyList<DeviceNumber> filesystems)
    {
        foreach (MountEntry entry in table.Read().Where(entry => filesystems.Contains(entry.Filesystem)))
        {
            // A hidden clone cannot be opened through either.
            using Descriptor? place = TryOpen(entry);
            if (place is not null)
            {
                group.IgnoreMount(EventMask.Permission, root, place.SelfPath);
            }
        }
    }

    /// <summary>
    /// Lets go of file systems that the host has unmounted, where unmounting does not propagate to here.
    /// </summary>
    /// <param name="own">This namespace's table, read before the host's.</param>
    /// <param name="host">The host's table.</param>
    public void DetachUnmounted(IReadOnlyList<MountEntry> own, IReadOnlyList<MountEntry> host)
    {
        HashSet<DeviceNumber> mounted = [.. host.Select(entry => entry.Filesystem)];
        foreach (MountEntry entry in own.Where(entry => !mounted.Contains(entry.Filesystem)))
        {
            using Descriptor? place = TryOpen(entry);
            if (place is not null)
            {
                try
                {
                    Mount.Detach(place);
                }
                catch (ErrnoException)
                {
                    // It stays busy for us; the next look tries again.
                }
            }
        }
    }

    /// <summary>
    /// Opens something on one of these file systems through a clone, as open_by_handle_at(2) wants it, where files
    /// show their owners.
    /// </summary>
    /// <returns><c>null</c> where there is no clone, because mounts do not propagate to here.</returns>
    /// <exception cref="ErrnoException">It cannot be opened.</exception>
    public Descriptor? TryOpenForHandles(IReadOnlyList<DeviceNumber> filesystems)
    {
        // The way that was good last time first: with many mounts the table takes milliseconds.
        foreach (DeviceNumber filesystem in filesystems)
        {
            if (_ways.TryGetValue(filesystem, out Way way) && TryOpen(way.Point, way.Leads) is { } known)
            {
                using (known)
                {
                    return Descriptor.OpenRead(root, known.SelfPath);
                }
            }
        }

        foreach (MountEntry entry in table.Read().Where(
            entry => filesystems.Contains(entry.Filesystem) && !entry.IsIdmapped))
        {
            using Descriptor? place = TryOpen(entry);
            if (place is not null)
            {
                FileStatus status = FileStatus.Of(place);
                _ways[entry.Filesystem] = new Way(entry.MountPoint, status.MountId, status.Device);
                return Descriptor.OpenRead(root, place.SelfPath);
            }
        }

        return null;
    }

    private Descriptor? TryOpen(MountEntry entry) =>
        TryOpen(entry.MountPoint, place => FileStatus.ListedMountIdOf(place) == entry.Id);

    private Descriptor? TryOpen(BytePath point, Func<Descriptor, bool> isRight)
    {
        Descriptor? place = null;
        try
        {
            place = Descriptor.OpenPath(root, HostMounts.Relative(point));
            if (isRight(place))
            {
                return place;
            }
        }
        catch (ErrnoException)
        {
            // Gone, or nobody but its user is let in.
        }

        place?.Dispose();
        return null;
    }

    /// <summary>A clone that was found before.</summary>
    private readonly record struct Way(BytePath Point, ulong MountId, ulong Device)
    {
        /// <summary>Mount ids are reused before Linux 6.8; then the device tells.</summary>
        public bool Leads(Descriptor place)
        {
            FileStatus status = FileStatus.Of(place);
            return (status.MountId, status.Device) == (MountId, Device);
        }
    }
}
