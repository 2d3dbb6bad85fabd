namespace Scanner.Core.Caching;

/// <summary>One file: where it is, not what is in it.</summary>
/// <param name="Filesystem">
/// The file system, and for btrfs the subvolume. The same across restarts where the file system cannot have been changed
/// elsewhere meanwhile, else another one after each mount.
/// </param>
/// <param name="Inode">The inode's number. It is given to another file once this one is gone.</param>
public readonly record struct FileIdentity(ulong Filesystem, ulong Inode);
