using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Works on the caller's thread, and hangs there as a read of a dead disk does.</summary>
internal sealed class HangingEngine(int concurrency) : IScanEngine, IDisposable
{
    private readonly ManualResetEventSlim _released = new();
    private int _hanging;

    public static ScanTarget Returns => new(default, 0);

    public static ScanTarget Hangs => new(default, 1);

    public static ScanTarget Throws => new(default, 2);

    public string Name => "hanging";

    public EngineEpoch Epoch { get; } = new("1", IsSettled: true);

    public event Action? EpochChanged
    {
        add { }
        remove { }
    }

    public int Concurrency => concurrency;

    public long MaxFileSize => long.MaxValue;

    public EngineProcess? Process => null;

    /// <summary>Threads that hang now.</summary>
    public int Hanging => Volatile.Read(ref _hanging);

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        if (target == Throws)
        {
            throw new InvalidOperationException("asked for");
        }

        if (target == Hangs)
        {
            Interlocked.Increment(ref _hanging);
            _released.Wait(CancellationToken.None);
            Interlocked.Decrement(ref _hanging);
        }

        return ValueTask.FromResult(Verdict.Clean);
    }

    public bool WaitForHanging(int threads, TimeSpan limit) => SpinWait.SpinUntil(() => Hanging >= threads, limit);

    public void Release() => _released.Set();

    public void Dispose() => _released.Set();
}
