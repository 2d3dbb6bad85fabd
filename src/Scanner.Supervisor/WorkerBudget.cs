using Scanner.Linux;

namespace Scanner.Supervisor;

/// <summary>How long there may be no worker, and how often one may die, before the crash action takes effect.</summary>
/// <remarks>Times are nanoseconds of <see cref="Clock"/>.</remarks>
/// <param name="longestAbsence">How long opens may be kept waiting for a worker to be ready.</param>
/// <param name="mostDeaths">The so many-th death within a minute is one too many.</param>
internal sealed class WorkerBudget(long longestAbsence, int mostDeaths)
{
    private const long Minute = 60_000 * Clock.NanosecondsPerMillisecond;
    private const long ShortestPause = 500 * Clock.NanosecondsPerMillisecond;
    private const long LongestPause = 30_000 * Clock.NanosecondsPerMillisecond;

    /// <summary>When the last workers died, the latest last; no more than matter.</summary>
    private readonly Queue<long> _deaths = new(mostDeaths);
    private long? _absentSince;
    private long _lastDeath = long.MinValue / 2;
    private long _pause;

    /// <summary>Whether the crash action is due.</summary>
    public bool IsExhausted(long now) =>
        (_absentSince is { } since && now - since > longestAbsence)
        || (_deaths.Count == mostDeaths && now - _deaths.Peek() < Minute);

    /// <summary>Says that a worker has protection in force.</summary>
    public void OnReady(long now)
    {
        _absentSince = null;
        if (now - _lastDeath > Minute)
        {
            _pause = 0;
        }
    }

    /// <summary>Counts a death.</summary>
    /// <param name="now">When.</param>
    /// <param name="wasReady">Whether the worker had protection in force.</param>
    /// <returns>How long to wait before the next start: nothing at first, then more each time.</returns>
    public long OnDeath(long now, bool wasReady)
    {
        _absentSince ??= now;
        if (_deaths.Count == mostDeaths)
        {
            _deaths.Dequeue();
        }

        _deaths.Enqueue(now);
        _lastDeath = now;
        _pause = wasReady && !IsExhausted(now) ? 0 : Math.Clamp(_pause * 2, ShortestPause, LongestPause);
        return _pause;
    }
}
