using Scanner.Core.Caching;
using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>A store whose look-ups of files hang, as reads of a locked file do, until it is disposed.</summary>
internal sealed class HangingStore : NoStore
{
    private readonly ManualResetEventSlim _end = new();
    private int _hanging;

    public int Hanging => Volatile.Read(ref _hanging);

    public override bool TryGet(in FileVersion version, string epoch, out Verdict verdict)
    {
        Interlocked.Increment(ref _hanging);
        _end.Wait();
        return base.TryGet(version, epoch, out verdict);
    }

    public override void Dispose() => _end.Set();
}
