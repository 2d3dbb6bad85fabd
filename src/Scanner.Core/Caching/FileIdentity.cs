using Scanner.Linux.Files;

namespace Scanner.Core.Caching;

/// <summary>One file: where it is, not what is in it.</summary>
/// <param name="Filesystem">
/// The file system, and for btrfs the subvolume. The same across restarts where the file system cannot have been
/// changed elsewhere meanwhile, else another one after each mount.
/// </param>
/// <param name="Inode">The inode's number. It is given to another file once this one is gone.</param>
public readonly record struct FileIdentity(ulong Filesystem, ulong Inode)
{
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    /// <summary>The file that a status is of.</summary>
    /// <param name="identity">What its file system is called; see <see cref="CacheRule"/>.</param>
    /// <param name="status">Its status: on btrfs the device number tells the subvolume.</param>
    internal static FileIdentity Of(ulong identity, in FileStatus status) =>
        new(identity ^ (status.Device * Spread), status.Inode);
}
