using Scanner.Core.Caching;

namespace Scanner.Stores.Sqlite;

/// <summary>Counts; from any thread.</summary>
internal sealed class StoreCounters
{
    private readonly long[] _lookUps = new long[Enum.GetValues<LookUp>().Length];
    private long _kept;
    private long _dropped;
    private long _evicted;
    private long _outdated;
    private long _writeErrors;

    public VerdictStoreCounters Snapshot() => new()
    {
        Hits = Count(LookUp.Hit),
        Misses = Count(LookUp.Miss) + Count(LookUp.Failed) + Count(LookUp.Damaged),
        RefusedVersion = Count(LookUp.OtherVersion),
        RefusedEpoch = Count(LookUp.OtherEpoch),
        Kept = Interlocked.Read(ref _kept),
        Dropped = Interlocked.Read(ref _dropped),
        Evicted = Interlocked.Read(ref _evicted),
        Outdated = Interlocked.Read(ref _outdated),
        WriteErrors = Interlocked.Read(ref _writeErrors),
    };

    public void LookedUp(LookUp result) => Interlocked.Increment(ref _lookUps[(int)result]);

    /// <summary>A transaction is committed in which so many verdicts came and went.</summary>
    public void Written(int kept, int evicted, int outdated)
    {
        Interlocked.Add(ref _kept, kept);
        Interlocked.Add(ref _evicted, evicted);
        Interlocked.Add(ref _outdated, outdated);
    }

    public void Dropped() => Interlocked.Increment(ref _dropped);

    public void WriteErrors(int count) => Interlocked.Add(ref _writeErrors, count);

    private long Count(LookUp result) => Interlocked.Read(ref _lookUps[(int)result]);
}
