namespace Scanner.Core.Scanning;

/// <summary>Gives an engine that works on the caller's thread threads of its own.</summary>
public sealed class ThreadedEngine : IScanEngine, IDisposable
{
    private readonly IScanEngine _engine;
    private readonly ScanThreads<ScanTarget, Verdict> _threads;

    public ThreadedEngine(IScanEngine engine)
    {
        _engine = engine;

        // Complete when it returns: the engine works, it does not wait.
        _threads = new ScanThreads<ScanTarget, Verdict>(
            engine.Name,
            engine.Concurrency,
            (target, cancellation) => engine.ScanAsync(target, cancellation).GetAwaiter().GetResult());
    }

    public string Name => _engine.Name;

    public EngineEpoch Epoch => _engine.Epoch;

    public event Action? EpochChanged
    {
        add => _engine.EpochChanged += value;
        remove => _engine.EpochChanged -= value;
    }

    public int Concurrency => _threads.Count;

    public long MaxFileSize => _engine.MaxFileSize;

    public EngineProcess? Process => _engine.Process;

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation) =>
        new(_threads.Run(target, cancellation));

    /// <summary>Lets the threads end after what they are at.</summary>
    public void Dispose() => _threads.Dispose();
}
