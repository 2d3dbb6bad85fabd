using System.Numerics;

namespace Scanner.Core.Caching;

/// <summary>The verdicts on file versions that are kept in memory: one for each file, at most a given number.</summary>
/// <remarks>
/// A hit says that the numbers of the version are those that were scanned. That the content is still the same is for
/// the caller to prove, with a lease.
/// Looking up is for reader threads: no allocation, no lock, no waiting for those who change the table. What is
/// replaced while it is looked up is a miss. Changes take the lock of one of many shards, for microseconds, or a
/// fraction of a millisecond while that shard grows.
/// Memory follows the most verdicts that were kept at once since the table was last cleared: 68 bytes for each in a
/// full table, up to twice that in one that has just grown.
/// </remarks>
internal sealed class VerdictTable
{
    /// <summary>Verdicts.</summary>
    public const int DefaultCapacity = 1_000_000;

    /// <summary>Enough that growing a shard is short; few enough that chance fills them evenly.</summary>
    private const int MostShards = 64;
    private const int SmallestShard = 1_024;

    private readonly FileHash _hash = FileHash.Random();
    private readonly VerdictShard[] _shards;

    /// <param name="capacity">
    /// Verdicts, at least 1. Files fall into shards by chance, and a shard that is full evicts while others have room:
    /// of one million verdicts about 0.3 % leave early.
    /// </param>
    public VerdictTable(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        int wanted = Math.Clamp(capacity / SmallestShard, 1, MostShards);
        _shards = new VerdictShard[1 << BitOperations.Log2((uint)wanted)];
        for (int i = 0; i < _shards.Length; i++)
        {
            int share = (int)((((long)capacity * (i + 1)) / _shards.Length) - (((long)capacity * i) / _shards.Length));
            _shards[i] = new VerdictShard(share, _hash, Counters);
        }
    }

    public TableCounters Counters { get; } = new();

    /// <summary>Verdicts kept, of all epochs.</summary>
    public int Count => _shards.Sum(shard => shard.Kept);

    /// <summary>Looks for a verdict on just this version, of just this epoch.</summary>
    public bool TryGet(in FileVersion version, int epoch, out KnownVerdict verdict)
    {
        ulong hashed = _hash.Of(version.File);
        TableCounter found = ShardOf(hashed).Find(hashed, version, epoch, out verdict);
        Counters.Count(found);
        return found == TableCounter.Hit;
    }

    /// <summary>Whether the verdict on just this version, of just this epoch, is this one; not counted.</summary>
    public bool Has(in FileVersion version, int epoch, KnownVerdict verdict)
    {
        ulong hashed = _hash.Of(version.File);
        return ShardOf(hashed).Find(hashed, version, epoch, out KnownVerdict found) == TableCounter.Hit
            && found == verdict;
    }

    /// <summary>To be taken before a scan begins, for <see cref="Keep"/>. Takes no lock.</summary>
    public ForgetStamp Stamp(FileIdentity file)
    {
        ulong hashed = _hash.Of(file);
        return ShardOf(hashed).StampOf(hashed);
    }

    /// <summary>Keeps a verdict, in place of any other on the same file.</summary>
    /// <returns>
    /// <c>false</c> if the file was forgotten since the stamp was taken: then the verdict may be about content that is
    /// gone. Rarely also if another file was.
    /// </returns>
    /// <exception cref="ArgumentException">It is no verdict.</exception>
    public bool Keep(in FileVersion version, int epoch, KnownVerdict verdict, ForgetStamp stamp)
    {
        if (verdict == default)
        {
            throw new ArgumentException("not a verdict", nameof(verdict));
        }

        ulong hashed = _hash.Of(version.File);
        return ShardOf(hashed).Keep(hashed, version, epoch, verdict, stamp);
    }

    /// <summary>
    /// Forgets the verdict on a file, whichever version it is about, and refuses those of scans that are under way. A
    /// look-up that begins afterwards does not find it.
    /// </summary>
    public void Forget(FileIdentity file, ForgetReason reason)
    {
        ulong hashed = _hash.Of(file);
        Counters.Count(reason, ShardOf(hashed).Forget(hashed, file));
    }

    /// <summary>As <see cref="Forget"/> for all files, and gives the memory back.</summary>
    public void Clear(ForgetReason reason)
    {
        foreach (VerdictShard shard in _shards)
        {
            Counters.Count(reason, shard.Clear());
        }
    }

    private VerdictShard ShardOf(ulong hashed) => _shards[(int)(hashed >> 48) & (_shards.Length - 1)];
}
