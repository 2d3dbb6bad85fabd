using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>A store whose look-ups of files hang, as reads of a locked file do, until it is disposed.</summary>
internal sealed class HangingStore : IVerdictStore
{
    private readonly ManualResetEventSlim _end = new();
    private int _hanging;

    public int Hanging => Volatile.Read(ref _hanging);

    public VerdictStoreCounters Counters => default;

    public bool TryGet(in FileVersion version, string epoch, out Verdict verdict)
    {
        Interlocked.Increment(ref _hanging);
        _end.Wait();
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

    public void Dispose() => _end.Set();
}
