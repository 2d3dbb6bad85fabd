using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Listening;

/// <summary>Remembers when something was last renamed on the file systems of a group.</summary>
/// <remarks>
/// Readers ask it, so there is no lock. Whoever takes notices has said so before, and has written down the time before
/// it says that it is done; who finds another one at it does not trust what it sees.
/// </remarks>
internal sealed class RenameLog : IDisposable
{
    /// <summary>Longer than an event waits to be read, a restart of the worker included.</summary>
    private const long MemoryNanoseconds = 60_000 * Clock.NanosecondsPerMillisecond;

    private readonly NoticeGroup? _group;
    private long _lastRename;
    private int _lookers;

    /// <param name="plan">The file systems to listen to.</param>
    /// <param name="host">Finds them.</param>
    /// <param name="isNew">Whether no event of theirs was read before, so that no memory is missing.</param>
    /// <exception cref="ErrnoException">No group can be opened.</exception>
    public RenameLog(FilesystemPlan plan, HostMounts host, bool isNew)
    {
        NoticeGroup group = NoticeGroup.Open();
        if (plan.Mounts.All(mount => TryMark(group, host, mount)))
        {
            _group = group;
        }
        else
        {
            group.Dispose();
        }

        _lastRename = isNew ? Clock.Now - MemoryNanoseconds : Clock.Now;
    }

    /// <summary>Whether anything was renamed lately, or nobody can say.</summary>
    public bool MayHaveRenamed =>
        !Look() || Clock.Now - Volatile.Read(ref _lastRename) < MemoryNanoseconds;

    /// <summary>
    /// Takes the notices, so that what happened long ago does not look as if it had happened just now.
    /// </summary>
    /// <returns>Whether the time of the last renaming can be relied on.</returns>
    public bool Look()
    {
        if (_group is null)
        {
            return false;
        }

        bool isAlone = Interlocked.Increment(ref _lookers) == 1;
        bool any = false;
        Span<byte> buffer = stackalloc byte[NoticeGroup.BufferBytes];
        foreach (Notice _ in _group.TakeAll(buffer))
        {
            any = true;
        }

        if (any)
        {
            Volatile.Write(ref _lastRename, Clock.Now);
        }

        Interlocked.Decrement(ref _lookers);
        return isAlone;
    }

    public void Dispose() => _group?.Dispose();

    private static bool TryMark(NoticeGroup group, HostMounts host, TrustedMount mount)
    {
        using Descriptor? place = host.TryOpen(mount);
        const EventMask renamed = EventMask.MovedFrom | EventMask.OnDirectory;
        return place is not null && group.TryMarkFilesystem(renamed, host.Root, place.SelfPath) == Errno.None;
    }
}
