namespace Scanner.Engines.Clamd;

/// <summary>The sessions that scans share, each opened when it is first needed and again when it has ended.</summary>
/// <remarks>
/// Without a lock: a session is put into its place with one compare-and-swap, and the slower one is dropped.
/// </remarks>
/// <param name="count">How many at present.</param>
/// <param name="most">How many at most.</param>
/// <param name="open">Opens one; <c>null</c> if clamd cannot be reached.</param>
internal sealed class ClamdSessions(Func<int> count, int most, Func<ClamdSession?> open)
{
    private readonly ClamdSession?[] _sessions = new ClamdSession?[most];
    private uint _next;

    /// <summary>The next session in turn.</summary>
    /// <returns><c>null</c> if clamd cannot be reached.</returns>
    public ClamdSession? TryGet()
    {
        uint turn = Interlocked.Increment(ref _next) % (uint)count();
        ref ClamdSession? place = ref _sessions[turn];
        ClamdSession? present = Volatile.Read(ref place);
        if (present is { IsBroken: false })
        {
            return present;
        }

        ClamdSession? opened = open();
        if (opened is null)
        {
            // Out of descriptors, or clamd takes no more connections: those there are may still do.
            return _sessions.FirstOrDefault(session => session is { IsBroken: false });
        }

        ClamdSession? first = Interlocked.CompareExchange(ref place, opened, present);
        if (first == present)
        {
            return opened;
        }

        opened.Break(Breakdown.Closed);
        return first;
    }

    /// <summary>Ends all sessions; scans that wait for a reply get none.</summary>
    public void BreakAll()
    {
        for (int i = 0; i < _sessions.Length; i++)
        {
            Volatile.Read(ref _sessions[i])?.Break(Breakdown.Closed);
        }
    }

    /// <summary>Ends sessions with a request that was sent at or before a time and still has no reply.</summary>
    /// <returns>How many were ended.</returns>
    public int BreakOlderThan(long time)
    {
        int broken = 0;
        for (int i = 0; i < _sessions.Length; i++)
        {
            broken += Volatile.Read(ref _sessions[i])?.BreakIfOlderThan(time) == true ? 1 : 0;
        }

        return broken;
    }
}
