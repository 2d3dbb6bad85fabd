using System.Collections.Concurrent;
using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>A store that knows nothing.</summary>
internal class NoStore : IVerdictStore
{
    private readonly ConcurrentQueue<FileIdentity> _forgotten = new();

    public VerdictStoreCounters Counters => default;

    /// <summary>The files that it was to forget, in order.</summary>
    public IReadOnlyList<FileIdentity> Forgotten => [.. _forgotten];

    public virtual bool TryGet(in FileVersion version, string epoch, out Verdict verdict)
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

    public void Forget(FileIdentity file) => _forgotten.Enqueue(file);

    public Task FlushAsync() => Task.CompletedTask;

    public virtual void Dispose()
    {
    }
}
