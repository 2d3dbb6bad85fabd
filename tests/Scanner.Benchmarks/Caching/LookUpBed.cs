using System.Diagnostics;
using Scanner.Core.Caching;

namespace Scanner.Benchmarks.Caching;

/// <summary>A verdict table and a dictionary with the same entries, and an order to look them up in.</summary>
internal sealed class LookUpBed
{
    private const int Epoch = 1;

    private readonly VerdictTable _table;
    private readonly Dictionary<FileIdentity, (FileVersion Version, int Epoch)> _dictionary;
    private readonly int[] _order;

    public LookUpBed(int size)
    {
        Size = size;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        _table = new VerdictTable();
        for (int file = 0; file < size; file++)
        {
            FileVersion version = VersionOf(file);
            _ = _table.Keep(version, Epoch, KnownVerdict.Clean, _table.Stamp(version.File));
        }

        BytesPerEntry = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / size;
        _dictionary = Enumerable.Range(0, size)
            .Select(VersionOf)
            .ToDictionary(version => version.File, version => (version, Epoch));
        _order = [.. Enumerable.Range(0, size)];
        new Random(1).Shuffle(_order);
    }

    public int Size { get; }

    public int Kept => _table.Count;

    public double BytesPerEntry { get; }

    public static FileVersion VersionOf(int file) =>
        new(new FileIdentity(0x1234, (ulong)file), (ulong)file * 3, file * 5L, file * 7L, file * 11L);

    /// <summary>Nanoseconds per look-up in the table.</summary>
    public double TableNs(int lookUps, int start)
    {
        int at = start;
        int found = 0;
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < lookUps; i++)
        {
            found += _table.TryGet(VersionOf(_order[at]), Epoch, out _) ? 1 : 0;
            at = at + 1 == _order.Length ? 0 : at + 1;
        }

        return NsPerLookUp(before, lookUps, found);
    }

    /// <summary>Nanoseconds per look-up in the dictionary, which nobody may change meanwhile.</summary>
    public double DictionaryNs(int lookUps)
    {
        int at = 0;
        int found = 0;
        long before = Stopwatch.GetTimestamp();
        for (int i = 0; i < lookUps; i++)
        {
            FileVersion version = VersionOf(_order[at]);
            found += _dictionary.TryGetValue(version.File, out (FileVersion Version, int Epoch) entry)
                && entry.Version == version && entry.Epoch == Epoch ? 1 : 0;
            at = at + 1 == _order.Length ? 0 : at + 1;
        }

        return NsPerLookUp(before, lookUps, found);
    }

    private static double NsPerLookUp(long before, int lookUps, int found)
    {
        double ns = Stopwatch.GetElapsedTime(before).TotalNanoseconds / lookUps;

        // A table's shards fill by chance: of a million a few thousand have left.
        return found >= lookUps * 0.99
            ? ns
            : throw new BenchmarkException($"{lookUps - found} of {lookUps} look-ups found nothing");
    }
}
