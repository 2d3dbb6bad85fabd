using Scanner.Linux;

namespace Scanner.Core.Scanning;

/// <summary>Looks at the processes that ask, on threads of its own, and does without what takes long.</summary>
/// <remarks>
/// While a process executes another program, much of what /proc shows of it cannot be read: its program, its
/// namespaces, its registers. The kernel closes descriptors meanwhile, and anybody's FUSE server can let that last for
/// ever (seen on Linux 6.18; not so the files status, task and comm). An opener that is killed by another thread of its
/// process gets there while its event is being decided on. So nobody whose answers others wait for looks for themselves.
/// </remarks>
internal sealed class ProcessLooks : IDisposable
{
    private const int Priority = -10;

    /// <summary>While so many looks hang, nobody waits for another one to.</summary>
    private const int MostHanging = 32;

    /// <summary>
    /// It takes microseconds as a rule. Those that begin within half of this share a limit, because each would wake a
    /// thread of the framework's.
    /// </summary>
    private const int LongestMilliseconds = 100;

    private readonly ScanThreads<Func<object?>, object?> _threads =
        new("process looks", 1, (look, _) => look(), Priority);
    private volatile Limit _limit = new();

    /// <returns>What was seen; the default if that could not be done, or not in time.</returns>
    public async ValueTask<T?> TryAsync<T>(Func<T> look)
    {
        if (_threads.Hanging >= MostHanging)
        {
            return default;
        }

        CancellationToken limit = PresentLimit();
        try
        {
            return (T?)await _threads.Run(() => look(), limit).WaitAsync(limit);
        }
        catch (Exception)
        {
            // Whoever asks has an opener waiting.
            return default;
        }
    }

    /// <summary>Lets the threads end after what they are at.</summary>
    public void Dispose() => _threads.Dispose();

    private CancellationToken PresentLimit()
    {
        if (Clock.Now - _limit.Since > LongestMilliseconds / 2 * Clock.NanosecondsPerMillisecond)
        {
            _limit = new Limit();
        }

        return _limit.Token;
    }

    private sealed class Limit
    {
        private readonly CancellationTokenSource _source = new(LongestMilliseconds);

        public long Since { get; } = Clock.Now;

        public CancellationToken Token => _source.Token;
    }
}
