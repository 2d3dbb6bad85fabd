using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Listening;

/// <summary>Remembers when something was last renamed on the file systems of a group.</summary>
internal sealed class RenameLog : IDisposable
{
    /// <summary>Longer than an event waits to be read, a restart of the worker included.</summary>
    private const long MemoryNanoseconds = 60_000 * Clock.NanosecondsPerMillisecond;

    private readonly RenameGroup? _group;
    private readonly Lock _lock = new();
    private long _lastRename;

    /// <param name="plan">The file systems to listen to.</param>
    /// <param name="root">What their mount points are relative to.</param>
    /// <param name="isFirstWorker">Whether there was no worker before, whose memory would be missing.</param>
    /// <exception cref="ErrnoException">No group can be opened.</exception>
    public RenameLog(FilesystemPlan plan, Descriptor root, bool isFirstWorker)
    {
        RenameGroup group = RenameGroup.Open();
        if (plan.MountPoints.All(place => group.TryMarkFilesystem(root, HostMounts.Relative(place)) == Errno.None))
        {
            _group = group;
        }
        else
        {
            group.Dispose();
        }

        _lastRename = isFirstWorker ? Clock.Now - MemoryNanoseconds : Clock.Now;
    }

    /// <summary>Whether anything was renamed lately, or nobody can say.</summary>
    public bool MayHaveRenamed
    {
        get
        {
            Look();
            return _group is null || Clock.Now - Volatile.Read(ref _lastRename) < MemoryNanoseconds;
        }
    }

    /// <summary>Takes the notices, so that what happened long ago does not look as if it had happened just now.</summary>
    public void Look()
    {
        lock (_lock)
        {
            if (_group?.TakeAll() == true)
            {
                Volatile.Write(ref _lastRename, Clock.Now);
            }
        }
    }

    public void Dispose() => _group?.Dispose();
}
