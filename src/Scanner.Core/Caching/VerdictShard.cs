using System.Numerics;

namespace Scanner.Core.Caching;

/// <summary>A part of a verdict table, with a lock of its own for those who change it.</summary>
/// <remarks>
/// Entries lie in one array and are chained by hash. Readers walk a chain without a lock: every entry tells them
/// whether it changed while they looked, and a change that leads them into another chain ends in a miss. When the
/// shard grows, readers that are under way finish in the old array, which nobody changes any more.
/// When it is full, a hand that goes round the array evicts: that is nearly the order in which entries came.
/// </remarks>
internal sealed class VerdictShard(int capacity, FileHash hash, TableCounters counters)
{
    private const int FirstLength = 16;

    /// <summary>Chains hold one entry on average; only a reader that was led astray gets this far.</summary>
    private const int LongestWalk = 32;

    private const int StampCounters = 256;

    private readonly Lock _lock = new();
    private readonly long[] _forgets = new long[StampCounters];
    private volatile Slots _slots = new(Math.Min(FirstLength, capacity));
    private int _used;
    private int _free;
    private int _hand;
    private int _kept;

    /// <summary>Verdicts kept.</summary>
    public int Kept => Volatile.Read(ref _kept);

    /// <summary>Looks for a verdict.</summary>
    /// <returns><see cref="TableCounter.Hit"/>, or why there is none.</returns>
    public TableCounter Find(ulong hashed, in FileVersion version, int epoch, out KnownVerdict verdict)
    {
        Slots slots = _slots;
        int place = Volatile.Read(ref slots.HeadOf(hashed));
        for (int step = 0; place != 0 && step < LongestWalk; step++)
        {
            if (!slots.Entries[place - 1].TryCopy(out VerdictEntry entry))
            {
                break;
            }

            if (entry.File == version.File)
            {
                return entry.Judge(version, epoch, out verdict);
            }

            place = entry.Next;
        }

        verdict = default;
        return TableCounter.Miss;
    }

    public ForgetStamp StampOf(ulong hashed) => new(Volatile.Read(ref ForgetsOf(hashed)));

    public bool Keep(ulong hashed, in FileVersion version, int epoch, KnownVerdict verdict, ForgetStamp stamp)
    {
        lock (_lock)
        {
            if (ForgetsOf(hashed) != stamp.Forgets)
            {
                counters.Count(TableCounter.StaleStamp);
                return false;
            }

            int slot = Find_NeedsLock(hashed, version.File);
            if (slot >= 0)
            {
                _slots.Entries[slot].Write(version, epoch, verdict);
                return true;
            }

            slot = Take_NeedsLock();
            _slots.Entries[slot].Write(version, epoch, verdict);
            Link_NeedsLock(hashed, slot);
            _kept++;
            return true;
        }
    }

    /// <returns>Verdicts dropped: 1, or 0 if there was none.</returns>
    public int Forget(ulong hashed, FileIdentity file)
    {
        lock (_lock)
        {
            ForgetsOf(hashed)++;
            int slot = Find_NeedsLock(hashed, file);
            if (slot < 0)
            {
                return 0;
            }

            Free_NeedsLock(hashed, slot);
            return 1;
        }
    }

    /// <returns>Verdicts dropped.</returns>
    public int Clear()
    {
        lock (_lock)
        {
            OutdateStamps_NeedsLock();
            int dropped = _kept;
            _slots = new Slots(Math.Min(FirstLength, capacity));
            _used = _free = _hand = _kept = 0;
            return dropped;
        }
    }

    private ref long ForgetsOf(ulong hashed) => ref _forgets[(hashed >> 32) & (StampCounters - 1)];

    private void OutdateStamps_NeedsLock()
    {
        foreach (ref long forgets in _forgets.AsSpan())
        {
            forgets++;
        }
    }

    private int Find_NeedsLock(ulong hashed, FileIdentity file)
    {
        Slots slots = _slots;
        int place = slots.HeadOf(hashed);
        while (place != 0 && slots.Entries[place - 1].File != file)
        {
            place = slots.Entries[place - 1].Next;
        }

        return place - 1;
    }

    /// <summary>A slot that is in no chain: a freed one, a new one, or that of an entry that has to leave.</summary>
    private int Take_NeedsLock()
    {
        if (_free != 0)
        {
            int slot = _free - 1;
            _free = _slots.Entries[slot].Next;
            return slot;
        }

        if (_used == _slots.Entries.Length && _used < capacity)
        {
            Grow_NeedsLock();
        }

        return _used < _slots.Entries.Length ? _used++ : Evict_NeedsLock();
    }

    private int Evict_NeedsLock()
    {
        int slot = _hand;
        _hand = (_hand + 1) % capacity;
        Unlink_NeedsLock(hash.Of(_slots.Entries[slot].File), slot);
        _kept--;
        counters.Count(TableCounter.Evicted);
        return slot;
    }

    private void Free_NeedsLock(ulong hashed, int slot)
    {
        Unlink_NeedsLock(hashed, slot);
        ref VerdictEntry entry = ref _slots.Entries[slot];
        entry.Write(default, 0, default);
        entry.Next = _free;
        _free = slot + 1;
        _kept--;
    }

    private void Link_NeedsLock(ulong hashed, int slot)
    {
        ref int head = ref _slots.HeadOf(hashed);
        _slots.Entries[slot].Next = head;

        // The entry is whole before a reader can get to it.
        Volatile.Write(ref head, slot + 1);
    }

    private void Unlink_NeedsLock(ulong hashed, int slot)
    {
        Slots slots = _slots;
        ref int link = ref slots.HeadOf(hashed);
        while (link != slot + 1)
        {
            link = ref slots.Entries[link - 1].Next;
        }

        Volatile.Write(ref link, slots.Entries[slot].Next);
    }

    private void Grow_NeedsLock()
    {
        Slots old = _slots;
        Slots grown = new((int)Math.Min(old.Entries.Length * 2L, capacity));
        old.Entries.CopyTo(grown.Entries, 0);
        for (int slot = 0; slot < old.Entries.Length; slot++)
        {
            ref VerdictEntry entry = ref grown.Entries[slot];
            ref int head = ref grown.HeadOf(hash.Of(entry.File));
            entry.Next = head;
            head = slot + 1;
        }

        _slots = grown;
    }

    private sealed class Slots(int length)
    {
        private readonly int[] _heads = new int[BitOperations.RoundUpToPowerOf2((uint)length)];

        public VerdictEntry[] Entries { get; } = new VerdictEntry[length];

        /// <summary>Where the chain begins: a slot counted from 1, or 0 if it is empty.</summary>
        public ref int HeadOf(ulong hashed) => ref _heads[(uint)hashed & (uint)(_heads.Length - 1)];
    }
}
