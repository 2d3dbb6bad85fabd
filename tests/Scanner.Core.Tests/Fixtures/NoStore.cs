using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>A store that knows nothing.</summary>
internal sealed class NoStore : IVerdictStore
{
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
