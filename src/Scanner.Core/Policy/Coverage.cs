using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Core.Policy;

/// <summary>Which files of a group's file systems are decided on. Immutable; replaced when mounts change.</summary>
/// <remarks>
/// A file is left alone only if its path proves that it lies outside: opened through a mount of the host, where only
/// root can mount, with a path that begins with that mount's mount point. In a namespace of their own, a user can
/// make any path look like any other. Where a file lies is judged inside the file system, so a bind mount of a
/// watched directory is watched too.
/// </remarks>
public sealed class Coverage
{
    /// <summary>PATH_MAX: the longest path that the kernel gives for a descriptor.</summary>
    public const int MaxPathBytes = 4096;

    private readonly TrustedMount[] _mounts;
    private readonly bool _isWhole;

    /// <param name="mounts">The mounts of the group's file systems in the host's namespace.</param>
    public Coverage(IEnumerable<TrustedMount> mounts)
    {
        _mounts = [.. mounts];
        _isWhole = _mounts.All(mount => mount.Trees.Any(tree => tree.Bytes.SequenceEqual("/"u8)));
    }

    /// <summary>Whether an open is to be decided on.</summary>
    /// <param name="file">The event's descriptor.</param>
    /// <param name="mountId">The mount that the file was opened through.</param>
    /// <param name="scratch">At least twice <see cref="MaxPathBytes"/>; nothing is allocated.</param>
    public bool Includes(ContentDescriptor file, ulong mountId, Span<byte> scratch)
    {
        if (_isWhole)
        {
            return true;
        }

        foreach (TrustedMount mount in _mounts)
        {
            if (mount.Id == mountId)
            {
                Span<byte> path = scratch[..MaxPathBytes];
                return file.TryGetPath(path, out int length) != Errno.None
                    || Includes(mount, path[..length], scratch[MaxPathBytes..]);
            }
        }

        return true;
    }

    private static bool Includes(TrustedMount mount, ReadOnlySpan<byte> path, Span<byte> inside)
    {
        ReadOnlySpan<byte> mountPoint = mount.MountPoint.Bytes;
        if (!BytePath.IsWithin(path, mountPoint))
        {
            // Renamed since the table was read, or not reachable from the mount's root.
            return true;
        }

        ReadOnlySpan<byte> root = mount.Root.Bytes;
        ReadOnlySpan<byte> rest = mountPoint.Length == 1 ? path : path[mountPoint.Length..];
        int rootLength = root.Length == 1 ? 0 : root.Length;
        if (rootLength + rest.Length > inside.Length)
        {
            return true;
        }

        root[..rootLength].CopyTo(inside);
        rest.CopyTo(inside[rootLength..]);
        ReadOnlySpan<byte> pathInside = inside[..(rootLength + rest.Length)];
        foreach (BytePath tree in mount.Trees)
        {
            if (BytePath.IsWithin(pathInside, tree.Bytes))
            {
                return true;
            }
        }

        return false;
    }
}
