using System.Runtime.CompilerServices;
using Scanner.Core.Caching;
using Scanner.Testing;

namespace Scanner.Core.Tests.Caching;

public sealed class VerdictTableTests
{
    private readonly VerdictTable _table = new(10_000);

    [Fact(Timeout = 5_000)]
    public Task GivenAKeptVerdict_WhenItsVersionIsLookedUp_ThenItIsFound() => Blocking.Run(() =>
    {
        Assert.True(_table.Keep(Versions.Of(1), 7, KnownVerdict.Clean, _table.Stamp(Versions.File(1))));

        Assert.True(_table.TryGet(Versions.Of(1), 7, out KnownVerdict verdict));
        Assert.Equal(KnownVerdict.Clean, verdict);
        Assert.False(_table.TryGet(Versions.Of(2), 7, out verdict));
        Assert.Equal(default, verdict);
        Assert.Equal((1, 1), (_table.Counters[TableCounter.Hit], _table.Counters[TableCounter.Miss]));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAKeptVerdict_WhenAnyNumberOfTheVersionDiffers_ThenItIsNotFound() => Blocking.Run(() =>
    {
        FileVersion kept = Versions.Of(1, 5);
        _table.Keep(kept);
        FileVersion[] others =
        [
            kept with { Generation = 0 },
            kept with { Size = 0 },
            kept with { ModifiedAt = 0 },
            kept with { ChangedAt = 0 },
        ];

        Assert.All(others, other => Assert.False(_table.TryGet(other, 0, out _)));
        Assert.False(_table.TryGet(kept with { File = Versions.File(1, filesystem: 2) }, 0, out _));
        Assert.Equal(
            (others.Length, 1), (_table.Counters[TableCounter.VersionChanged], _table.Counters[TableCounter.Miss]));
        Assert.True(_table.Has(kept));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAKeptVerdict_WhenTheEpochIsAnother_ThenItIsNotFound() => Blocking.Run(() =>
    {
        _table.Keep(Versions.Of(1), epoch: 1);

        Assert.False(_table.TryGet(Versions.Of(1), 2, out _));
        Assert.Equal(1, _table.Counters[TableCounter.OtherEpoch]);

        _table.Keep(Versions.Of(1), epoch: 2);

        Assert.True(_table.Has(Versions.Of(1), epoch: 2));
        Assert.False(_table.TryGet(Versions.Of(1), 1, out _));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAKeptVerdict_WhenOneOnANewVersionIsKept_ThenTheOldOneIsGone() => Blocking.Run(() =>
    {
        _table.Keep(Versions.Of(1, 1));
        _table.Keep(Versions.Of(1, 2));

        Assert.True(_table.Has(Versions.Of(1, 2)));
        Assert.False(_table.TryGet(Versions.Of(1, 1), 0, out _));
        Assert.Equal(1, _table.Count);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAKeptVerdict_WhenItsFileIsForgotten_ThenOnlyThatOneIsGone() => Blocking.Run(() =>
    {
        _table.Keep(Versions.Of(1));
        _table.Keep(Versions.Of(2));
        _table.Forget(Versions.File(1), ForgetReason.Written);
        _table.Forget(Versions.File(3), ForgetReason.Written);

        Assert.False(_table.TryGet(Versions.Of(1), 0, out _));
        Assert.True(_table.Has(Versions.Of(2)));
        Assert.Equal((1, 1), (_table.Count, _table.Counters[ForgetReason.Written]));
    });

    [Fact(Timeout = 5_000)]
    public Task GivenVerdicts_WhenCleared_ThenAllAreGoneAndNewOnesAreKept() => Blocking.Run(() =>
    {
        foreach (int file in Enumerable.Range(0, 5_000))
        {
            _table.Keep(Versions.Of(file));
        }

        _table.Clear(ForgetReason.NewSignatures);

        Assert.Equal((0, 5_000), (_table.Count, _table.Counters[ForgetReason.NewSignatures]));
        Assert.DoesNotContain(Enumerable.Range(0, 5_000), file => _table.TryGet(Versions.Of(file), 0, out _));
        _table.Keep(Versions.Of(1));
        Assert.True(_table.Has(Versions.Of(1)));
    });

    public static TheoryData<string> WaysToForget => ["file", "all"];

    [Theory(Timeout = 5_000)]
    [MemberData(nameof(WaysToForget))]
    public Task GivenAScanThatBeganBeforeItsFileWasForgotten_WhenItsVerdictComes_ThenItIsRefused(string what) =>
        Blocking.Run(() =>
        {
            ForgetStamp before = _table.Stamp(Versions.File(1));
            Forget(_table, what);

            Assert.False(_table.Keep(Versions.Of(1), 0, KnownVerdict.Clean, before));
            Assert.False(_table.TryGet(Versions.Of(1), 0, out _));
            Assert.Equal((0, 1), (_table.Count, _table.Counters[TableCounter.StaleStamp]));
            Assert.True(_table.Keep(Versions.Of(1)));
        });

    [Fact(Timeout = 5_000)]
    public Task GivenManyScans_WhenAnotherFileIsForgotten_ThenHardlyAnyIsRefused() => Blocking.Run(() =>
    {
        ForgetStamp[] stamps = [.. Enumerable.Range(0, 5_000).Select(file => _table.Stamp(Versions.File(file)))];
        _table.Forget(Versions.File(5_000), ForgetReason.Written);
        for (int file = 0; file < stamps.Length; file++)
        {
            _ = _table.Keep(Versions.Of(file), 0, KnownVerdict.Clean, stamps[file]);
        }

        Assert.InRange(_table.Counters[TableCounter.StaleStamp], 0, 50);
    });

    [Theory(Timeout = 10_000)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public Task GivenAFullTable_WhenMoreIsKept_ThenOldEntriesLeaveAndAreCounted(int capacity) => Blocking.Run(() =>
    {
        VerdictTable table = new(capacity);
        int files = (capacity * 3) + 10;
        for (int file = 0; file < files; file++)
        {
            table.Keep(Versions.Of(file));
            Assert.True(table.Has(Versions.Of(file)));
        }

        Assert.Equal(capacity, table.Count);
        Assert.Equal(files - capacity, table.Counters[TableCounter.Evicted]);

        // A shard holds more or less than its share of the newest ones, but not by half.
        Assert.DoesNotContain(Enumerable.Range(0, capacity), file => table.TryGet(Versions.Of(file), 0, out _));
        int newest = (capacity + 1) / 2;
        Assert.All(Enumerable.Range(files - newest, newest), file => Assert.True(table.Has(Versions.Of(file))));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenOneMillionFiles_WhenKept_ThenHardlyAnyLeavesEarly() => Blocking.Run(() =>
    {
        VerdictTable table = new();
        for (int file = 0; file < VerdictTable.DefaultCapacity; file++)
        {
            table.Keep(Versions.Of(file));
        }

        Assert.InRange(table.Count, 990_000, 1_000_000);
        IEnumerable<int> files = Enumerable.Range(0, VerdictTable.DefaultCapacity);
        Assert.Equal(table.Count, files.Count(file => table.Has(Versions.Of(file))));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenChosenInodeNumbers_WhenKept_ThenTheySpreadAsAnyOthers() => Blocking.Run(() =>
    {
        foreach (int shift in (int[])[8, 16, 32, 48])
        {
            VerdictTable table = new(20_000);
            for (long file = 0; file < 10_000; file++)
            {
                table.Keep(Versions.Of(file << shift));
            }

            Assert.Equal((10_000, 0), (table.Count, table.Counters[TableCounter.Evicted]));
            Assert.All(Enumerable.Range(0, 10_000), file => Assert.True(table.Has(Versions.Of((long)file << shift))));
        }
    });

    [Fact(Timeout = 10_000)]
    public Task GivenFilesThatAreForgottenAndKeptAgain_WhenRepeated_ThenTheirPlacesAreUsedAgain() => Blocking.Run(() =>
    {
        for (int file = 0; file < 100_000; file++)
        {
            _table.Keep(Versions.Of(file));
            _table.Forget(Versions.File(file), ForgetReason.Written);
        }

        Assert.Equal((0, 0), (_table.Count, _table.Counters[TableCounter.Evicted]));
    });

    [Fact(Timeout = 20_000)]
    public Task GivenRandomSteps_WhenComparedWithADictionary_ThenTheTableSaysTheSame() => Blocking.Run(() =>
    {
        Random random = new(4);
        Dictionary<FileIdentity, FileVersion> expected = [];
        for (int step = 0; step < 300_000; step++)
        {
            FileVersion version = Versions.Of(Versions.File(random.Next(4_000), (ulong)random.Next(2)), random.Next(3));
            switch (random.Next(100_000))
            {
                case 0:
                    _table.Clear(ForgetReason.NewSignatures);
                    expected.Clear();
                    break;
                case < 30_000:
                    _table.Forget(version.File, ForgetReason.Written);
                    _ = expected.Remove(version.File);
                    break;
                default:
                    _table.Keep(version);
                    expected[version.File] = version;
                    break;
            }

            FileVersion asked = Versions.Of(Versions.File(random.Next(4_000), (ulong)random.Next(2)), random.Next(3));
            bool known = expected.TryGetValue(asked.File, out FileVersion kept) && kept == asked;
            Assert.Equal(known, _table.Has(asked));
        }

        Assert.Equal(expected.Count, _table.Count);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenAnyLookUp_WhenDone_ThenNothingIsAllocated() => Blocking.Run(() =>
    {
        _table.Keep(Versions.Of(1));
        int found = LookUp(1_000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        found += LookUp(100_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(101_000, found);
    });

    [Fact(Timeout = 5_000)]
    public Task GivenNoVerdict_WhenKept_ThenItIsRefused() => Blocking.Run(() =>
        Assert.Throws<ArgumentException>(() => _table.Keep(Versions.Of(1), 0, default, default)));

    [Fact(Timeout = 5_000)]
    public Task AnEntryIsOneCacheLineLong() => Blocking.Run(() => Assert.Equal(64, Unsafe.SizeOf<VerdictEntry>()));

    internal static void Forget(VerdictTable table, string what)
    {
        switch (what)
        {
            case "file":
                table.Forget(Versions.File(1), ForgetReason.Written);
                break;
            default:
                table.Clear(ForgetReason.NewSignatures);
                break;
        }
    }

    /// <summary>A hit, a miss, a changed version and another epoch in each round; returns the hits.</summary>
    private int LookUp(int rounds)
    {
        int found = 0;
        for (int i = 0; i < rounds; i++)
        {
            found += _table.TryGet(Versions.Of(1), 0, out _) ? 1 : 0;
            found += _table.TryGet(Versions.Of(2), 0, out _) ? 1 : 0;
            found += _table.TryGet(Versions.Of(1, 9), 0, out _) ? 1 : 0;
            found += _table.TryGet(Versions.Of(1), 1, out _) ? 1 : 0;
        }

        return found;
    }
}
