using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>The host's mount namespace, seen from the private one.</summary>
/// <remarks>
/// A path below the host's root directory, held open, leads through the host's mounts whatever namespace this
/// process is in: also where mounts do not propagate, as in many containers.
/// </remarks>
internal sealed class HostMounts(MountTable table, Descriptor root)
{
    public MountTable Table => table;

    public Descriptor Root => root;

    /// <summary>A path relative to the host's root.</summary>
    public static BytePath Relative(BytePath path) =>
        path.Bytes.Length == 1 ? new BytePath(".") : new BytePath(path.Bytes[1..]);

    /// <summary>Finds out how a mount is reached.</summary>
    /// <param name="entry">A line of the host's table.</param>
    /// <returns>The mount's id as statx(2) shows it, or <c>null</c> if it cannot be reached by its path.</returns>
    public ulong? TryReach(MountEntry entry)
    {
        try
        {
            using Descriptor place = Descriptor.OpenPath(root, Relative(entry.MountPoint));
            return FileStatus.ListedMountIdOf(place) == entry.Id ? FileStatus.Of(place).MountId : null;
        }
        catch (ErrnoException)
        {
            // Unmounted since the table was read, or a FUSE file system that lets in nobody but its user.
            return null;
        }
    }

    /// <summary>
    /// The id, as the mount table lists it, of the mount that a path leads to; <c>null</c> if it leads nowhere.
    /// </summary>
    public int? TryFindMount(BytePath path)
    {
        try
        {
            using Descriptor place = Descriptor.OpenPath(root, Relative(path));
            return FileStatus.ListedMountIdOf(place);
        }
        catch (ErrnoException)
        {
            return null;
        }
    }

    /// <summary>
    /// Refers to the root of a mount, and of no other: between two look-ups users can rename directories.
    /// </summary>
    /// <returns><c>null</c> if it is not reached by its path any more.</returns>
    public Descriptor? TryOpen(TrustedMount mount)
    {
        Descriptor? place = null;
        try
        {
            place = Descriptor.OpenPath(root, Relative(mount.MountPoint));
            if (FileStatus.Of(place).MountId == mount.Id)
            {
                return place;
            }
        }
        catch (ErrnoException)
        {
            // As above.
        }

        place?.Dispose();
        return null;
    }

    /// <summary>Opens a mount's root as open_by_handle_at(2) wants it. A directory asks no permission.</summary>
    /// <returns><c>null</c> if it is not reached by its path any more.</returns>
    /// <exception cref="ErrnoException">It cannot be opened.</exception>
    public Descriptor? TryOpenForHandles(TrustedMount mount)
    {
        using Descriptor? place = TryOpen(mount);
        return place is null ? null : Descriptor.OpenRead(root, place.SelfPath);
    }
}
