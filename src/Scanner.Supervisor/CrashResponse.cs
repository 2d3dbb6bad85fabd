using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Supervisor;

/// <summary>What is done with opens when there is no worker and will not be one soon.</summary>
/// <remarks>
/// Allow: the groups ask no more and are closed; the next worker that gets ready opens new ones. Deny: they go on
/// asking, and a thread for each denies, until the next worker is started. For the main thread.
/// </remarks>
internal sealed class CrashResponse(EventJournal journal, GroupKeeper groups, Recovery recovery, ErrorLog log)
{
    /// <summary>Only a server that does not answer holds a stand-in for longer.</summary>
    private static readonly TimeSpan s_standInLimit = TimeSpan.FromMilliseconds(500);

    private readonly List<(int Index, StandIn StandIn)> _standIns = [];

    /// <summary>Whether it has begun, and no worker has got ready since.</summary>
    public bool IsInForce { get; private set; }

    /// <summary>Begins. The worker is dead, or cannot be killed.</summary>
    public void Begin(string cause)
    {
        IsInForce = true;
        Continue();
        log.Write(journal.Header.CrashAction == Access.Allow
            ? $"PROTECTION IS OFF: {cause}; every open is allowed, unscanned, until a worker is ready again"
            : $"NO OPENS: {cause}; every open on watched file systems is denied until a worker is ready again");
    }

    /// <summary>Goes on after a worker that was tried has died too.</summary>
    public void Continue()
    {
        Access action = journal.Header.CrashAction;
        recovery.AnswerAll(action);
        if (_standIns.Count > 0)
        {
            // Nobody was tried: a worker that could not be killed has ended at last, perhaps with one more event.
            return;
        }

        foreach (int index in groups.OpenIndexes)
        {
            try
            {
                Continue(index, action);
            }
            catch (Exception error) when (error is ErrnoException or OutOfMemoryException)
            {
                // Its opens wait for the next worker; a group that is closed would let them pass.
                log.Write($"no stand-in for a group: {error.Message}");
            }
        }
    }

    /// <summary>
    /// The supervisor ends, and a worker that cannot be killed would keep the groups asking: they ask no more, and what
    /// they have asked is answered.
    /// </summary>
    public void LetGo()
    {
        Access action = journal.Header.ActionFor(FailureReason.Restarting);
        recovery.AnswerAll(action);
        List<StandIn> standIns = [];
        foreach (int index in groups.OpenIndexes)
        {
            try
            {
                StandIn standIn = StandInFor(index, action);
                standIn.Retire();
                standIns.Add(standIn);
            }
            catch (Exception error) when (error is ErrnoException or OutOfMemoryException)
            {
                log.Write($"no stand-in for a group: {error.Message}");
            }
        }

        long end = Clock.Now + (long)s_standInLimit.TotalNanoseconds;
        standIns.ForEach(standIn => standIn.TryWait(Until(end)));
    }

    private StandIn StandInFor(int index, Access action)
    {
        FanotifyGroup group = groups.Duplicate(index);
        try
        {
            return new StandIn(group, action);
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    private static TimeSpan Until(long end) =>
        TimeSpan.FromMilliseconds(Math.Max(0, end - Clock.Now) / Clock.NanosecondsPerMillisecond);

    private void Continue(int index, Access action)
    {
        StandIn standIn = StandInFor(index, action);
        if (action == Access.Allow)
        {
            standIn.Retire();
            groups.CloseGroup(index);
        }
        else
        {
            _standIns.Add((index, standIn));

            // Nobody hears of new owners of the files that pass unasked, and every open is to be denied. Not before
            // somebody answers: a file that is being asked about meanwhile passes until it is answered.
            groups.FlushInodes(index);
        }
    }

    /// <summary>Leaves the groups to a worker that is about to be started.</summary>
    public void GiveWay()
    {
        long end = Clock.Now + (long)s_standInLimit.TotalNanoseconds;
        foreach ((_, StandIn standIn) in _standIns)
        {
            standIn.Stop();
        }

        foreach ((int index, StandIn standIn) in _standIns)
        {
            if (standIn.TryWait(Until(end)))
            {
                standIn.Dispose();
            }
            else
            {
                // It keeps the old group, which asks on until the server answers; the worker opens another.
                groups.CloseGroup(index);
            }
        }

        _standIns.Clear();
    }

    /// <summary>A worker is ready.</summary>
    public void End()
    {
        IsInForce = false;
        log.Write("PROTECTION IS IN FORCE AGAIN: a worker is ready");
    }
}
