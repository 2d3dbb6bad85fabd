using System.Collections.Concurrent;
using System.Threading.Channels;
using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>An engine whose scans end when the test lets them; whether they are cancelled is nothing to it.</summary>
internal sealed class GatedEngine(int concurrency) : IScanEngine
{
    private readonly ConcurrentQueue<GatedScan> _scans = new();
    private readonly Channel<GatedScan> _begun = Channel.CreateUnbounded<GatedScan>();

    public string Name => "gated";

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

    /// <summary>May change, as that of an engine that was restarted.</summary>
    public int Concurrency { get; set; } = concurrency;

    public long MaxFileSize => long.MaxValue;

    public EngineProcess? Process => null;

    /// <summary>The sizes of what was scanned so far, in order.</summary>
    public IReadOnlyList<long> Sizes => [.. _scans.Select(scan => scan.Size)];

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        GatedScan scan = new(target, cancellation);
        _scans.Enqueue(scan);
        _begun.Writer.TryWrite(scan);
        return new ValueTask<Verdict>(scan.Task);
    }

    /// <summary>Waits for the next scan to begin.</summary>
    public async Task<GatedScan> NextAsync() =>
        await _begun.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(5));
}
