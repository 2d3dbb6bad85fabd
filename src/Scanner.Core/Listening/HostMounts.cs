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
    public static BytePath Relative(BytePath path) => path.Bytes.Length == 1 ? new BytePath(".") : new BytePath(path.Bytes[1..]);

    /// <summary>Finds out how a mount is reached.</summary>
    /// <param name="entry">A line of the host's table.</param>
    /// <returns>The mount's id as statx(2) shows it, or <c>null</c> if another mount hides it.</returns>
    public ulong? TryReach(MountEntry entry)
    {
        try
        {
            using Descriptor place = Descriptor.OpenPath(root, Relative(entry.MountPoint));
            return FileStatus.ListedMountIdOf(place) == entry.Id ? FileStatus.Of(place).MountId : null;
        }
        catch (ErrnoException)
        {
            // Unmounted since the table was read; the table's change is announced.
            return null;
        }
    }

    /// <summary>Opens a mount's root as open_by_handle_at(2) wants it. A directory asks no permission.</summary>
    /// <exception cref="ErrnoException">It is unmounted.</exception>
    public Descriptor OpenForHandles(BytePath mountPoint) => Descriptor.OpenRead(root, Relative(mountPoint));
}
