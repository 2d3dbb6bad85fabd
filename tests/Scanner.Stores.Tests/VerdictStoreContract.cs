using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Stores.Tests;

/// <summary>What every verdict store must do.</summary>
public abstract class VerdictStoreContract : IDisposable
{
    private readonly Lazy<IVerdictStore> _store;

    protected VerdictStoreContract() => _store = new Lazy<IVerdictStore>(Open);

    public static TheoryData<string> Differences =>
        ["filesystem", "inode", "generation", "size", "modified", "changed"];

    private IVerdictStore Store => _store.Value;

    public void Dispose()
    {
        if (_store.IsValueCreated)
        {
            Store.Dispose();
        }

        CleanUp();
        GC.SuppressFinalize(this);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenACleanFile_WhenItsVersionIsLookedUp_ThenItIsClean()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();

        Assert.True(Store.TryGet(Sample.File(1), Sample.Epoch, out Verdict verdict));
        Assert.Equal(Verdict.Clean, verdict);
        Assert.Equal(new VerdictStoreCounters { Kept = 1, Hits = 1 }, Store.Counters);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("Win.Test.EICAR_HDB-1")]
    [InlineData("Größe-\U0001F9A0 'quoted'; --")]
    [InlineData("")]
    public async Task GivenAnInfectedFile_WhenItsVersionIsLookedUp_ThenTheSignatureIsNamed(string signature)
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Infected(signature));
        await Store.FlushAsync();

        Assert.True(Store.TryGet(Sample.File(1), Sample.Epoch, out Verdict verdict));
        Assert.Equal(Verdict.Infected(signature), verdict);
    }

    [Fact(Timeout = 30_000)]
    public Task GivenAnEmptyStore_WhenAnythingIsLookedUp_ThenItIsUnknown()
    {
        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.False(Store.TryGet(Sample.Content(1), Sample.Epoch, out _));
        Assert.Equal(new VerdictStoreCounters { Misses = 2 }, Store.Counters);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 30_000)]
    [MemberData(nameof(Differences))]
    public async Task GivenAFile_WhenOneNumberOfItsVersionDiffers_ThenNothingIsFound(string difference)
    {
        FileVersion kept = Sample.File(1);
        Store.Keep(kept, Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();

        Assert.False(Store.TryGet(Change(kept, difference), Sample.Epoch, out Verdict verdict));

        Assert.Equal(default, verdict);
        bool isOtherFile = difference is "filesystem" or "inode";
        Assert.Equal(
            new VerdictStoreCounters { Kept = 1, Misses = isOtherFile ? 1 : 0, RefusedVersion = isOtherFile ? 0 : 1 },
            Store.Counters);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenVerdictsOfOneEpoch_WhenTheyAreLookedUpForAnother_ThenNothingIsFound()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        Store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean);
        Store.Keep(Sample.File(2), Sample.NextEpoch, Verdict.Clean);
        await Store.FlushAsync();

        Assert.False(Store.TryGet(Sample.File(1), Sample.NextEpoch, out _));
        Assert.False(Store.TryGet(Sample.Content(1), Sample.NextEpoch, out _));
        Assert.False(Store.TryGet(Sample.File(2), Sample.Epoch, out _));
        Assert.False(Store.TryGet(Sample.File(2), "never kept", out _));
        Assert.Equal(new VerdictStoreCounters { Kept = 3, RefusedEpoch = 4 }, Store.Counters);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFile_WhenALaterVersionIsKept_ThenOnlyThatIsFound()
    {
        FileVersion earlier = Sample.File(1);
        FileVersion later = earlier with { ChangedAt = earlier.ChangedAt + 1 };
        Store.Keep(earlier, Sample.Epoch, Verdict.Infected("Old"));
        Store.Keep(later, Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();

        Assert.False(Store.TryGet(earlier, Sample.Epoch, out _));
        Assert.True(Store.TryGet(later, Sample.Epoch, out Verdict verdict));
        Assert.Equal(Verdict.Clean, verdict);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenACleanFileAndContent_WhenTheNextEpochFindsThemInfected_ThenThatCounts()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        Store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();
        Store.Keep(Sample.File(1), Sample.NextEpoch, Verdict.Infected("New"));
        Store.Keep(Sample.Content(1), Sample.NextEpoch, Verdict.Infected("New"));
        await Store.FlushAsync();

        Assert.True(Store.TryGet(Sample.File(1), Sample.NextEpoch, out Verdict file));
        Assert.True(Store.TryGet(Sample.Content(1), Sample.NextEpoch, out Verdict content));
        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.False(Store.TryGet(Sample.Content(1), Sample.Epoch, out _));
        Assert.Equal(Verdict.Infected("New"), file);
        Assert.Equal(Verdict.Infected("New"), content);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAContent_WhenOneOfItsBytesDiffers_ThenNothingIsFound()
    {
        Store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();

        for (int i = 0; i < ContentDigest.Length; i++)
        {
            ContentDigest other = Sample.Content(1);
            other[i] ^= 1;
            Assert.False(Store.TryGet(other, Sample.Epoch, out _));
        }

        Assert.True(Store.TryGet(Sample.Content(1), Sample.Epoch, out _));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFile_WhenItIsForgotten_ThenItIsUnknownAtOnceAndAfterwards()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        Store.Keep(Sample.File(2), Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();

        Store.Forget(Sample.File(1).File);

        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        await Store.FlushAsync();
        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.True(Store.TryGet(Sample.File(2), Sample.Epoch, out _));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenOrdersOnOneFile_WhenTheyAreWritten_ThenTheLastOneCounts()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        Store.Forget(Sample.File(1).File);
        Store.Forget(Sample.File(2).File);
        Store.Keep(Sample.File(2), Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();

        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.True(Store.TryGet(Sample.File(2), Sample.Epoch, out _));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenWhatIsNoVerdictOnContent_WhenItIsKeptAllTheSame_ThenItIsNot()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.NotScannable(FailureReason.TooLarge));
        Store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean.By("fallback"));
        Store.Keep(Sample.File(2), Sample.Epoch, default);
        await Store.FlushAsync();

        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.False(Store.TryGet(Sample.Content(1), Sample.Epoch, out _));
        Assert.Equal(0, Store.Counters.Kept);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenNumbersAtTheirLimits_WhenTheyAreLookedUp_ThenTheyAreTheSame()
    {
        FileVersion highest = new(
            new FileIdentity(ulong.MaxValue, ulong.MaxValue), ulong.MaxValue, long.MaxValue, long.MinValue, -1);
        FileVersion lowest = default;
        Store.Keep(highest, "", Verdict.Infected("Highest"));
        Store.Keep(lowest, "", Verdict.Clean);
        await Store.FlushAsync();

        Assert.True(Store.TryGet(highest, "", out Verdict infected));
        Assert.True(Store.TryGet(lowest, "", out Verdict clean));
        Assert.Equal(Verdict.Infected("Highest"), infected);
        Assert.Equal(Verdict.Clean, clean);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenManyThreads_WhenAllKeepForgetAndLookUp_ThenNoAnswerIsWrong()
    {
        const int files = 500;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            Random random = new(thread);
            for (int i = 0; i < 5_000; i++)
            {
                ulong number = (ulong)random.Next(files);
                switch (random.Next(10))
                {
                    case 0:
                        Store.Keep(Sample.File(number), Sample.Epoch, Verdict.Infected($"{number}"));
                        Store.Keep(Sample.Content(number), Sample.Epoch, Verdict.Infected($"{number}"));
                        break;
                    case 1:
                        Store.Forget(Sample.File(number).File);
                        break;
                    default:
                        AssertOwn(number, Store.TryGet(Sample.File(number), Sample.Epoch, out Verdict file), file);
                        AssertOwn(number, Store.TryGet(Sample.Content(number), Sample.Epoch, out Verdict same), same);
                        break;
                }
            }
        })));
        await Store.FlushAsync();

        Assert.True(Store.Counters.Hits > 0);
        Assert.Equal(0, Store.Counters.WriteErrors);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAClosedStore_WhenItIsUsed_ThenItKnowsAndKeepsNothing()
    {
        Store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        await Store.FlushAsync();
        Store.Dispose();

        Store.Keep(Sample.File(2), Sample.Epoch, Verdict.Clean);
        Store.Keep(Sample.Content(2), Sample.Epoch, Verdict.Clean);
        Store.Forget(Sample.File(1).File);
        await Store.FlushAsync();

        Assert.False(Store.TryGet(Sample.File(1), Sample.Epoch, out _));
        Assert.False(Store.TryGet(Sample.Content(2), Sample.Epoch, out _));
        Assert.Equal(1, Store.Counters.Kept);
        Store.Dispose();
    }

    /// <summary>Opens an empty store.</summary>
    protected abstract IVerdictStore Open();

    /// <summary>Runs after the store was closed.</summary>
    protected virtual void CleanUp()
    {
    }

    private static void AssertOwn(ulong number, bool isFound, Verdict verdict)
    {
        if (isFound)
        {
            Assert.Equal(Verdict.Infected($"{number}"), verdict);
        }
    }

    private static FileVersion Change(FileVersion version, string what) => what switch
    {
        "filesystem" => version with { File = version.File with { Filesystem = version.File.Filesystem + 1 } },
        "inode" => version with { File = version.File with { Inode = version.File.Inode + 1 } },
        "generation" => version with { Generation = version.Generation + 1 },
        "size" => version with { Size = version.Size + 1 },
        "modified" => version with { ModifiedAt = version.ModifiedAt + 1 },
        "changed" => version with { ChangedAt = version.ChangedAt + 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(what)),
    };
}
