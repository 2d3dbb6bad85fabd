using Scanner.Core.Caching;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Core.Listening;

/// <summary>Lets opens of a group's clean files pass unasked, where only root can write them.</summary>
/// <remarks>
/// Whoever sets a mark holds a read lease on the file, whose version is known to be clean. First changes of its owner
/// and mode are listened to, then opens pass, then everything is looked at again, the lease last. So nobody was
/// writing; what has changed by then is seen, and what changes later leaves a notice, as does closing after writing. A
/// notice ends the mark; the next hit may set another. What is written clears it in the kernel at once, but for what
/// goes through a mapping, or past the page cache by libaio: that is noticed when it is closed.
/// A notice also ends the listening, so that whoever owns the file by then is not listened to for ever: first the
/// listening, then the mark. Who sets one meanwhile finds that something was ended.
/// No mark outlives its inode's stay in memory.
/// </remarks>
internal sealed class GroupMarks : IDisposable
{
    private const EventMask Followed = EventMask.Attributes | EventMask.CloseWrite;

    private readonly WatchedGroup _group;
    private readonly KernelMarks _shared;
    private readonly MarkPlaces _places;

    /// <summary>How often somebody began to end the listening to a file, and was done.</summary>
    private int _begunEndings;
    private int _doneEndings;

    public GroupMarks(WatchedGroup group)
    {
        _group = group;
        _shared = group.Tools.Marks;
        _places = new MarkPlaces(group, this);
    }

    /// <summary>
    /// Whether owners and versions mean something. An idmapped mount lets somebody be root for its files.
    /// </summary>
    private bool MayBeSet => _group.Cache.Trust == VersionTrust.Version && !_group.Plan.IsIdmapped;

    /// <summary>Lets opens of a file pass. For readers: a few microseconds, and nothing that waits.</summary>
    /// <param name="file">Known to be clean; the caller has a lease on it.</param>
    /// <param name="status">What it was when it was looked up.</param>
    public void TrySet(ContentDescriptor file, in FileStatus status)
    {
        if (_shared.IsOn && !status.IsUserWritable && _places.Find(status) is { } notices)
        {
            Set(file, notices);
        }
    }

    /// <summary>As <see cref="TrySet"/>, where it may take longer to find out whose the file is.</summary>
    public void TrySetAfterScan(ContentDescriptor file, in FileStatus status)
    {
        if (_shared.IsOn && !status.IsUserWritable && _places.FindOrLearn(file, status) is { } notices)
        {
            Set(file, notices);
        }
    }

    /// <summary>Takes what a notice group has to tell. On the thread of the notices.</summary>
    public void Hear(NoticeGroup notices)
    {
        Descriptor? place = null;
        try
        {
            Span<byte> buffer = stackalloc byte[NoticeGroup.BufferBytes];
            foreach (Notice notice in notices.TakeAll(buffer))
            {
                place ??= _group.OpenPlaces().FirstOrDefault();
                if (!TryClear(notice, notices, place))
                {
                    // Some file's mark may be wrong, and nobody can say which.
                    _group.RequestReplacement(ReplacementReason.LostNotices);
                }
            }
        }
        finally
        {
            place?.Dispose();
        }
    }

    /// <summary>Has opens of a file asked about again, and listens to it no more.</summary>
    /// <param name="file">The file; a mere place (O_PATH) will do.</param>
    /// <param name="isWritten">Whether it was closed after writing.</param>
    /// <param name="notices">What listens to it.</param>
    /// <returns>ENOENT if it had no mark.</returns>
    public Errno Clear(Descriptor file, bool isWritten, NoticeGroup notices)
    {
        _ = Interlocked.Increment(ref _begunEndings);
        _ = notices.TryUnmark(Followed, file);
        _ = Interlocked.Increment(ref _doneEndings);

        if (isWritten && file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status) == Errno.None)
        {
            // Before the mark, or a hit would set it again.
            _shared.Verdicts.Forget(FileIdentity.Of(_group.Cache.Identity, status));
        }

        Errno error = _group.Fanotify.TryAskAgain(file);
        if (error == Errno.None)
        {
            _shared.Count(isWritten ? MarkCounter.ClearedWritten : MarkCounter.ClearedAttributes);
        }

        return error;
    }

    public void Dispose() => _places.Dispose();

    private void Set(ContentDescriptor file, NoticeGroup notices)
    {
        int endings = Volatile.Read(ref _begunEndings);
        if (endings != Volatile.Read(ref _doneEndings) || !MayBeSet || !_group.TryPrepareMark())
        {
            return;
        }

        try
        {
            if (notices.TryMark(Followed, file) != Errno.None || _group.Fanotify.TryPassUnasked(file) != Errno.None)
            {
                _shared.Count(MarkCounter.Failed);
            }
            else if (IsStillClean(file) && !_group.IsBeingReplaced && Volatile.Read(ref _begunEndings) == endings)
            {
                _shared.Count(MarkCounter.Set);
            }
            else
            {
                _ = _group.Fanotify.TryAskAgain(file);
                _shared.Count(MarkCounter.ClearedChanged);
            }
        }
        catch (ObjectDisposedException)
        {
            // The group was closed meanwhile, and its marks with it.
        }
    }

    private bool IsStillClean(ContentDescriptor file)
    {
        if (file.TryGetStatus(StatusScope.Cached, out FileStatus status) != Errno.None || status.IsUserWritable)
        {
            return false;
        }

        return MayBeSet
            && _shared.Verdicts.IsStillClean(FileVersion.Of(_group.Cache.Identity, status))
            && ReadLease.IsHeld(file);
    }

    private bool TryClear(Notice notice, NoticeGroup notices, Descriptor? place)
    {
        FileHandle handle = default;
        if (place is null || !notice.TryGetHandle(ref handle))
        {
            return false;
        }

        Errno error = handle.TryFind(place, out Descriptor? file);
        if (error == Errno.ESTALE && handle.TryForgetGeneration())
        {
            // Deleted, or its new owner gives it one generation after the other. If another file has the number, no
            // harm is done.
            error = handle.TryFind(place, out file);
        }

        using (file)
        {
            return file is null
                ? error == Errno.ESTALE
                : Clear(file, (notice.Mask & EventMask.CloseWrite) != 0, notices) is Errno.None or Errno.ENOENT;
        }
    }
}
