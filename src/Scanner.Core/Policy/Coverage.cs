using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Policy;

/// <summary>Which files of a group's file systems are decided on. Immutable; replaced when mounts change.</summary>
/// <remarks>
/// A file is left alone only if its path proves that it lies outside: opened through a mount of the host, where only
/// root can mount, with a path that begins with that mount's mount point. In a namespace of their own, a user can
/// make any path look like any other. Where a file lies is judged inside the file system, so a bind mount of a
/// watched directory is watched too. Where a file may have been moved between its opening and our looking, see
/// <see cref="MoveGuard"/>.
/// </remarks>
public sealed class Coverage
{
    /// <summary>PATH_MAX: the longest path that the kernel gives for a descriptor.</summary>
    public const int MaxPathBytes = 4096;

    /// <summary>Bytes that <see cref="Place(ContentDescriptor, in FileStatus, Span{byte})"/> works in.</summary>
    public const int ScratchBytes = 3 * MaxPathBytes;

    private readonly TrustedMount[] _mounts;
    private readonly MoveGuard? _guard;
    private readonly bool _isWhole;

    /// <param name="mounts">The mounts of the group's file systems in the host's namespace.</param>
    /// <param name="guard">Says whose path to believe; without one no path says that a file lies outside.</param>
    public Coverage(IEnumerable<TrustedMount> mounts, MoveGuard? guard)
    {
        _guard = guard;
        _mounts = [.. mounts];
        _isWhole = _mounts.All(mount => mount.Trees.Any(tree => tree.Bytes.SequenceEqual("/"u8)));
    }

    /// <summary>Whether every file is decided on.</summary>
    public bool IsWhole => _isWhole || _guard is null;

    /// <summary>Says where an opened file lies.</summary>
    /// <param name="file">The event's descriptor.</param>
    /// <param name="status">Its status.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>; nothing is allocated.</param>
    public Placement Place(ContentDescriptor file, in FileStatus status, Span<byte> scratch)
    {
        if (IsWhole)
        {
            return Placement.Inside;
        }

        foreach (TrustedMount mount in _mounts)
        {
            if (mount.Id == status.MountId)
            {
                Span<byte> path = scratch[..MaxPathBytes];
                return file.TryGetPath(path, out int length) == Errno.None
                    ? Place(mount, path[..length], status, scratch[MaxPathBytes..])
                    : Placement.Inside;
            }
        }

        return Placement.Inside;
    }

    /// <summary>The path of a file in the host's namespace; empty where that cannot be told for sure.</summary>
    /// <param name="file">The event's descriptor.</param>
    /// <param name="status">Its status.</param>
    /// <param name="scratch">At least <see cref="ScratchBytes"/>; holds the path.</param>
    public ReadOnlySpan<byte> HostPathOf(ContentDescriptor file, in FileStatus status, Span<byte> scratch)
    {
        foreach (TrustedMount mount in _mounts)
        {
            if (mount.Id == status.MountId && file.TryGetPath(scratch[..MaxPathBytes], out int length) == Errno.None
                && BytePath.IsWithin(scratch[..length], mount.MountPoint.Bytes))
            {
                return scratch[..length];
            }
        }

        return default;
    }

    private Placement Place(TrustedMount mount, ReadOnlySpan<byte> path, in FileStatus status, Span<byte> scratch)
    {
        ReadOnlySpan<byte> mountPoint = mount.MountPoint.Bytes;
        if (!BytePath.IsWithin(path, mountPoint))
        {
            // Renamed since the table was read, or not reachable from the mount's root.
            return Placement.Inside;
        }

        ReadOnlySpan<byte> root = mount.Root.Bytes.Length == 1 ? default : mount.Root.Bytes;
        ReadOnlySpan<byte> rest = mountPoint.Length == 1 ? path : path[mountPoint.Length..];
        if (root.Length + rest.Length > MaxPathBytes)
        {
            return Placement.Inside;
        }

        root.CopyTo(scratch);
        rest.CopyTo(scratch[root.Length..]);
        FilePlace place = new(mount, path, scratch[..(root.Length + rest.Length)]);
        return place.IsBelowTree() ? Placement.Inside
            : _guard!.MayHaveMoved(status, place, scratch[MaxPathBytes..]) ? Placement.Unsure
            : Placement.Outside;
    }
}
