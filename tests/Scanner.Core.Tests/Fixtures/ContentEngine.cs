using Scanner.Core.Scanning;
using Scanner.Linux;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Finds what begins with one of its signatures.</summary>
internal sealed class ContentEngine(params string[] signatures) : IScanEngine
{
    private volatile string[] _signatures = signatures;
    private volatile EngineEpoch _epoch = new("1", IsSettled: true);

    public string Name => "content";

    public EngineEpoch Epoch => _epoch;

    public event Action? EpochChanged;

    public int Concurrency => 2;

    public long MaxFileSize => long.MaxValue;

    public EngineProcess? Process => null;

    /// <summary>What every scan does first.</summary>
    public Action OnScan { get; set; } = () => { };

    /// <summary>Gets other signatures, in a new epoch.</summary>
    public void Load(params string[] signatures)
    {
        _signatures = signatures;
        _epoch = new EngineEpoch($"{int.Parse(_epoch.Name) + 1}", IsSettled: true);
        EpochChanged?.Invoke();
    }

    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        OnScan();
        byte[] content = new byte[Math.Min(target.Size, 4096)];
        string text = target.Content.TryRead(content, 0, out int count) == Errno.None
            ? System.Text.Encoding.ASCII.GetString(content, 0, count)
            : "";
        return ValueTask.FromResult(
            _signatures.FirstOrDefault(text.StartsWith) is { } found ? Verdict.Infected(found) : Verdict.Clean);
    }
}
