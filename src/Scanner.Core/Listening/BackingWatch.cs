using Scanner.Linux.Fanotify;

namespace Scanner.Core.Listening;

/// <summary>Whether somebody may have written what lies below one file system, since it was mounted.</summary>
internal sealed class BackingWatch : IDisposable
{
    private volatile bool _isTouched;
    private ulong _identity;

    /// <param name="identity">The file system.</param>
    /// <param name="group">Listens to the files below it; <c>null</c> if nobody does.</param>
    public BackingWatch(ulong identity, NoticeGroup? group)
    {
        _identity = identity;
        Group = group;
        _isTouched = group is null;
    }

    public NoticeGroup? Group { get; }

    /// <summary>The file system's present name.</summary>
    public ulong Identity
    {
        get => Volatile.Read(ref _identity);
        set => Volatile.Write(ref _identity, value);
    }

    /// <summary>
    /// Never false again: what is in memory of the file system hides for some time what was written below it.
    /// </summary>
    public bool IsTouched => _isTouched;

    public void Touch() => _isTouched = true;

    public void Dispose() => Group?.Dispose();
}
