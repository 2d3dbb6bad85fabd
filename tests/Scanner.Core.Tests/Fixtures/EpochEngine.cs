using System.Collections.Concurrent;
using Scanner.Core.Scanning;
using Scanner.Linux;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Says what it is told to say, at once, and remembers what it was given to read.</summary>
internal sealed class EpochEngine : IScanEngine
{
    private readonly ConcurrentQueue<byte[]> _scanned = new();

    public string Name => "epoch";

    public EngineEpoch Epoch
    {
        get;
        set
        {
            field = value;
            EpochChanged?.Invoke();
        }
    }
    = new("1", IsSettled: true);

    public event Action? EpochChanged;

    public int Concurrency => 2;

    public long MaxFileSize => long.MaxValue;

    public EngineProcess? Process => null;

    public Verdict Verdict { get; set; } = Verdict.Clean;

    /// <summary>What happens while a scan runs.</summary>
    public Action OnScan { get; set; } = () => { };

    /// <summary>The contents that were scanned, in order.</summary>
    public IReadOnlyList<byte[]> Scanned => [.. _scanned];

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        byte[] content = new byte[target.Size];
        Assert.Equal(Errno.None, target.Content.TryRead(content, 0, out int count));
        _scanned.Enqueue(content[..count]);
        OnScan();
        return ValueTask.FromResult(Verdict);
    }
}
