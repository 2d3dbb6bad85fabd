using System.Runtime.InteropServices;
using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>Verdicts on contents in memory: a bounded number, the oldest leaving first.</summary>
internal sealed class ContentTable(int capacity = ContentTable.DefaultCapacity)
{
    /// <summary>Contents; some 10 MB when full.</summary>
    public const int DefaultCapacity = 65_536;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, (EngineEpoch Epoch, Verdict Verdict)> _verdicts = [];
    private readonly Queue<Key> _order = new();

    public bool TryGet(in ContentDigest content, string epoch, out Verdict verdict)
    {
        lock (_lock)
        {
            bool isKnown = _verdicts.TryGetValue(Key.Of(content), out (EngineEpoch Epoch, Verdict Verdict) known)
                && known.Epoch.Name == epoch;
            verdict = isKnown ? known.Verdict : default;
            return isKnown;
        }
    }

    public void Keep(in ContentDigest content, EngineEpoch epoch, Verdict verdict)
    {
        Key key = Key.Of(content);
        lock (_lock)
        {
            if (!_verdicts.ContainsKey(key))
            {
                _order.Enqueue(key);
            }

            _verdicts[key] = (epoch, verdict);
            if (_order.Count > capacity)
            {
                _verdicts.Remove(_order.Dequeue());
            }
        }
    }

    private readonly record struct Key(UInt128 First, UInt128 Second)
    {
        public static Key Of(in ContentDigest content)
        {
            ReadOnlySpan<UInt128> halves = MemoryMarshal.Cast<byte, UInt128>((ReadOnlySpan<byte>)content);
            return new Key(halves[0], halves[1]);
        }
    }
}
