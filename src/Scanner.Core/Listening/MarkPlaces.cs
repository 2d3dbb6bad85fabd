using System.Collections.Concurrent;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Core.Listening;

/// <summary>Where files of a group may be marked, and what hears of their owners and modes there.</summary>
/// <remarks>
/// A mount can show another owner than the file has (mount_setattr(2), MOUNT_ATTR_IDMAP). Each mount shows one owner as
/// root and no other, so one look at one file by another way tells for all of its files.
/// A notice group hears of files of one btrfs subvolume only (EXDEV, Linux 6.18), which its device number tells apart.
/// Readers only find; whoever has scanned learns.
/// Before Linux 6.8 another mount gets the id of one that is gone: there nothing is learnt, so that every file is looked
/// at by another way at the end of its scan, and readers find nothing.
/// </remarks>
internal sealed class MarkPlaces(WatchedGroup group, GroupMarks marks) : IDisposable
{
    /// <summary>Users can make as many mounts as they like.</summary>
    private const int MostPlaces = 1024;

    /// <summary>Groups are few (<c>fs.fanotify.max_user_groups</c>).</summary>
    private const int MostSubvolumes = 8;

    private readonly ConcurrentDictionary<(ulong Mount, ulong Device), NoticeGroup?> _places = new();
    private readonly Dictionary<ulong, NoticeGroup> _groups = [];
    private readonly Lock _lock = new();
    private readonly bool _learns = FileStatus.HasUniqueMountId(group.Tools.Host.Root);
    private bool _isDisposed;

    /// <summary>What hears of a file's owner and mode; <c>null</c> if it may not be marked. For readers.</summary>
    public NoticeGroup? Find(in FileStatus status) =>
        _places.TryGetValue((status.MountId, status.Device), out NoticeGroup? notices) ? notices : null;

    /// <summary>As <see cref="Find"/>; looks where nobody has looked before.</summary>
    /// <param name="file">Shown as only root's to write.</param>
    /// <param name="status">Its status.</param>
    public NoticeGroup? FindOrLearn(ContentDescriptor file, in FileStatus status)
    {
        if (_places.TryGetValue((status.MountId, status.Device), out NoticeGroup? known))
        {
            return known;
        }

        FileHandle handle = default;
        if (file.TryGetHandle(ref handle) != Errno.None || group.TryFind(handle) is not { } same)
        {
            return null;
        }

        using (same)
        {
            if (same.Content.TryGetStatus(StatusScope.Cached, out FileStatus plain) != Errno.None
                || plain.ChangedAt != status.ChangedAt)
            {
                // Somebody else's by now, perhaps, which tells nothing of the mount.
                return null;
            }

            NoticeGroup? notices = plain.IsUserWritable ? null : GroupFor(status.Device, same);
            if (_places.Count >= MostPlaces)
            {
                _places.Clear();
            }

            if (_learns)
            {
                _places[(status.MountId, status.Device)] = notices;
            }

            return notices;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
        }

        foreach (NoticeGroup notices in _groups.Values)
        {
            group.Tools.Marks.Notices.Remove(notices);
            notices.Dispose();
        }
    }

    /// <param name="device">Of the file system, or of the subvolume.</param>
    /// <param name="file">Any file there.</param>
    private NoticeGroup? GroupFor(ulong device, Descriptor file)
    {
        lock (_lock)
        {
            if (_groups.TryGetValue(device, out NoticeGroup? known))
            {
                return known;
            }

            if (_isDisposed || _groups.Count == MostSubvolumes)
            {
                return null;
            }

            NoticeGroup? notices = null;
            try
            {
                notices = NoticeGroup.Open();

                // There is nothing to clear yet. But the first notice is not to wait for the compiler.
                _ = marks.Clear(file, isWritten: false, notices);
                marks.Hear(notices);
                group.Tools.Marks.Notices.Add(notices, marks.Hear);

                // Last: no file may be marked by a group that nobody hears.
                _groups.Add(device, notices);
                return notices;
            }
            catch (ErrnoException)
            {
                // No group is left. Then nothing is marked here, until the next worker or replacement tries again.
                notices?.Dispose();
                return null;
            }
        }
    }
}
