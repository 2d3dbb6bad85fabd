using Scanner.Core.Deciding;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Listening;

/// <summary>A group that another has taken the place of, until nobody waits for its answer.</summary>
/// <remarks>
/// On a thread of its own, because each step may wait for seconds. The new group is marked. Who began to open a file
/// before that may see only this one: they are waited for, and then its own mark is taken off. Those who have seen it
/// come to its queue a moment later, or much later if they get no processor time: they would pass when it closed, so it
/// stays for a time although all it was asked is answered.
/// An open that waits for another group's answer holds on to the marks that it has come by, and closing a group waits for
/// that (fsnotify_destroy_group(), Linux 6.18), beyond any signal: a process killed meanwhile would keep its other groups
/// open, and nobody answer them. So its marks of files go too, and it is not closed before who may have come by is gone.
/// The group belongs to this object.
/// </remarks>
internal sealed class LeavingGroup : IDisposable
{
    private const int QueueToken = 1;
    private const int StopToken = 2;
    private const int LookMilliseconds = 100;
    private const int RetryMilliseconds = 1000;

    private readonly WaitingEvents _waiting;
    private readonly Replacements _replacements;
    private readonly long _leastNanoseconds;
    private readonly Poller _poller = Poller.Create();
    private readonly Poller _queue = Poller.Create();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Thread _thread;
    private volatile bool _isGone;

    /// <param name="group">The group. Another is marked by now.</param>
    /// <param name="least">How long it stays after it was asked last.</param>
    /// <exception cref="ErrnoException">No descriptor is left; the group is not taken over.</exception>
    public LeavingGroup(WatchedGroup group, TimeSpan least)
    {
        Group = group;
        _waiting = group.Tools.Waiting;
        _replacements = group.Tools.Replacements;
        _leastNanoseconds = (long)least.TotalNanoseconds;
        _poller.Add(_stop, StopToken);
        _queue.Add(group.Fanotify, QueueToken);
        _thread = new Thread(Run) { Name = $"leaving {group.Index}", IsBackground = true };
        _thread.Start();
    }

    public WatchedGroup Group { get; }

    /// <summary>Whether it is closed in this process.</summary>
    public bool IsGone => _isGone;

    /// <summary>Asks no more, at once: the scanner ends.</summary>
    public void RemoveMarks()
    {
        _stop.Post();
        try
        {
            Group.Fanotify.FlushFilesystems();
        }
        catch (ObjectDisposedException)
        {
            // It has gone just now.
        }
    }

    /// <summary>Reads no more events, and leaves the group to the next worker.</summary>
    public void StopReading()
    {
        _stop.Post();
        _thread.Join();
        if (!_isGone)
        {
            Group.StopReading();
        }
    }

    public void Dispose()
    {
        _stop.Post();
        _thread.Join();
        if (!_isGone)
        {
            Group.Dispose();
        }

        _queue.Dispose();
        _poller.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!TryAwaitOpens())
        {
            if (_poller.Wait(RetryMilliseconds) == StopToken)
            {
                return;
            }
        }

        Group.Fanotify.FlushFilesystems();
        Group.Fanotify.FlushInodes();
        long flushed = Clock.Now;
        while (Clock.Now < flushed + _leastNanoseconds || !IsQuiet() || _waiting.Any(readBefore: flushed))
        {
            if (_poller.Wait(LookMilliseconds) == StopToken)
            {
                return;
            }
        }

        Group.Dispose();
        _isGone = true;
        _replacements.Requested.Post();
    }

    private static bool TryAwaitOpens()
    {
        try
        {
            OpensUnderWay.Await();
            return true;
        }
        catch (ErrnoException)
        {
            // Until then both groups are asked, which costs only time.
            return false;
        }
    }

    /// <summary>In the order in which an event goes, so that none is overlooked on its way.</summary>
    private bool IsQuiet() => _queue.Wait(0) == 0 && Group.HasIdleReaders && !_waiting.Any(Group.Index);
}
