using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;

namespace Scanner.Daemon;

/// <summary>Finds the file systems behind the directories that are to be watched.</summary>
internal static class WatchRoots
{
    /// <summary>Resolves directories in the calling process's mount namespace.</summary>
    /// <exception cref="LaunchException">One or more cannot be watched; every one is named.</exception>
    public static IReadOnlyList<WatchRoot> Resolve(IReadOnlyList<string> directories, bool wholeRoot)
    {
        using MountTable mounts = MountTable.OpenOwn();
        IReadOnlyList<MountEntry> table = mounts.Read();
        DeviceNumber root = table.Last(entry => entry.MountPoint.Bytes.SequenceEqual("/"u8)).Filesystem;
        List<WatchRoot> roots = [];
        List<string> errors = [];
        foreach (string directory in directories)
        {
            try
            {
                WatchRoot found = Resolve(directory, table);
                if (FilesystemKinds.Of(found.Type) == FilesystemKind.Pseudo)
                {
                    errors.Add($"{directory}: {found.Type} has no files to scan");
                }
                else if (found.Filesystem == root && !wholeRoot)
                {
                    errors.Add($"{directory}: is on the root file system; watch that with --whole-root, "
                        + "or mount a file system of its own there");
                }
                else
                {
                    roots.Add(found);
                }
            }
            catch (IOException error)
            {
                errors.Add(error.Message);
            }
        }

        return errors.Count == 0
            ? roots
            : throw new LaunchException(ExitCode.CannotWatch, "cannot watch " + string.Join("\n  and ", errors));
    }

    private static WatchRoot Resolve(string directory, IReadOnlyList<MountEntry> table)
    {
        using Descriptor place = Descriptor.OpenPath(directory);
        if (FileStatus.Of(place).Kind != FileKind.Directory)
        {
            throw ErrnoException.From(Errno.ENOTDIR, "watch", directory);
        }

        int mountId = FileStatus.ListedMountIdOf(place);
        MountEntry mount = table.FirstOrDefault(entry => entry.Id == mountId)
            ?? throw ErrnoException.From(Errno.ENODEV, "watch", $"{directory}: its mount is not in the mount table");

        Span<byte> path = stackalloc byte[Coverage.MaxPathBytes];
        Errno error = place.Content.TryGetPath(path, out int length);
        if (error != Errno.None || !BytePath.IsWithin(path[..length], mount.MountPoint.Bytes))
        {
            throw ErrnoException.From(error == Errno.None ? Errno.ESTALE : error, "readlink", directory);
        }

        return new WatchRoot(
            new BytePath(path[..length]),
            mount.Filesystem,
            mount.PathInside(path[..length]),
            mount.Type,
            mount.Id,
            FileStatus.Of(place).MountId);
    }
}
