using Scanner.Linux;

namespace Scanner.Core.Policy;

/// <summary>Where an opened file lies: in the host's tree of mounts, and inside its own file system.</summary>
/// <param name="mount">The mount it was opened through.</param>
/// <param name="path">Its path in the host's namespace, which begins with the mount point.</param>
/// <param name="inside">Its path inside the file system, which begins with the mount's root and ends like the other.</param>
public readonly ref struct FilePlace(TrustedMount mount, ReadOnlySpan<byte> path, ReadOnlySpan<byte> inside)
{
    public ReadOnlySpan<byte> Path { get; } = path;

    /// <summary>Bytes of <see cref="Path"/> that are the mount point, without a slash at the end.</summary>
    public int MountPointLength { get; } = mount.MountPoint.Bytes.Length == 1 ? 0 : mount.MountPoint.Bytes.Length;

    private ReadOnlySpan<byte> Inside { get; } = inside;

    /// <summary>Whether the file lies in a watched directory.</summary>
    public bool IsBelowTree()
    {
        for (int i = 0; i < mount.Trees.Count; i++)
        {
            if (BytePath.IsWithin(Inside, mount.Trees[i].Bytes))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a directory of the path holds a watched directory, or is one.</summary>
    /// <param name="end">Where the directory ends in <see cref="Path"/>.</param>
    public bool HoldsTree(int end)
    {
        ReadOnlySpan<byte> directory = Inside[..(end - (Path.Length - Inside.Length))];
        for (int i = 0; i < mount.Trees.Count; i++)
        {
            if (BytePath.IsWithin(mount.Trees[i].Bytes, directory))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the directory below the one that ends at <paramref name="end"/> ends; -1 if that is the file.</summary>
    public int NextDirectory(int end)
    {
        int next = Path[(end + 1)..].IndexOf((byte)'/');
        return next < 0 ? -1 : end + 1 + next;
    }
}
