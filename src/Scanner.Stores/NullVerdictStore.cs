using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Stores;

/// <summary>Stands where no store is: it knows nothing and keeps nothing.</summary>
/// <param name="reason">Why there is none, in words for people.</param>
public sealed class NullVerdictStore(string reason) : IVerdictStore
{
    public string Reason { get; } = reason;

    public VerdictStoreCounters Counters => default;

    public bool TryGet(in FileVersion version, string epoch, out Verdict verdict)
    {
        verdict = default;
        return false;
    }

    public bool TryGet(in ContentDigest content, string epoch, out Verdict verdict)
    {
        verdict = default;
        return false;
    }

    public void Keep(in FileVersion version, string epoch, Verdict verdict)
    {
    }

    public void Keep(in ContentDigest content, string epoch, Verdict verdict)
    {
    }

    public void Forget(FileIdentity file)
    {
    }

    public Task FlushAsync() => Task.CompletedTask;

    public void Dispose()
    {
    }
}
