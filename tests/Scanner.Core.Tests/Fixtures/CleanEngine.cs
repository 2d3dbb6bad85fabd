using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Finds nothing.</summary>
internal sealed class CleanEngine : IScanEngine
{
    public string Name => "clean";

    public EngineEpoch Epoch { get; } = new("1", IsSettled: true);

    public event Action? EpochChanged
    {
        add { }
        remove { }
    }

    public int Concurrency => 1;

    public long MaxFileSize => long.MaxValue;

    public EngineProcess? Process => null;

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation) =>
        ValueTask.FromResult(Verdict.Clean);
}
