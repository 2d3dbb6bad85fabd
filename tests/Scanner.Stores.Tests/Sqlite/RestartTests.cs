using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>What is left after a restart, and what leaves to make room.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly StoreDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact(Timeout = 30_000)]
    public Task GivenKeptVerdicts_WhenTheStoreIsClosedAndOpened_ThenTheyAreFound()
    {
        using (SqliteVerdictStore store = _directory.Open())
        {
            store.Keep(Sample.File(1), Sample.Epoch, Verdict.Infected("Eicar"));
            store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean);
        }

        SqliteVerdictStore again = _directory.Open();

        Assert.True(again.TryGet(Sample.File(1), Sample.Epoch, out Verdict file));
        Assert.True(again.TryGet(Sample.Content(1), Sample.Epoch, out Verdict content));
        Assert.Equal(Verdict.Infected("Eicar"), file);
        Assert.Equal(Verdict.Clean, content);
        Assert.Empty(_directory.Logger.Warnings);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenVerdictsOfAnEpoch_WhenTheStoreIsOpenedInTheNext_ThenTheyAreRefused()
    {
        using (SqliteVerdictStore store = _directory.Open())
        {
            store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        }

        SqliteVerdictStore again = _directory.Open();

        Assert.False(again.TryGet(Sample.File(1), Sample.NextEpoch, out _));
        Assert.Equal(new VerdictStoreCounters { RefusedEpoch = 1 }, again.Counters);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAVerdict_WhenNobodyFlushes_ThenItIsWrittenWithinASecond()
    {
        SqliteVerdictStore store = _directory.Open();
        store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);

        await Task.Delay(1_000, TestContext.Current.CancellationToken);

        Assert.Equal("1", _directory.Query("SELECT count(*) FROM files"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenMoreThanFits_WhenItIsWritten_ThenTheOldestAreGone()
    {
        SqliteVerdictStore store = _directory.Open(_directory.Options with { MaxFiles = 100, MaxContents = 50 });
        for (ulong number = 1; number <= 250; number++)
        {
            store.Keep(Sample.File(number), Sample.Epoch, Verdict.Clean);
            store.Keep(Sample.Content(number), Sample.Epoch, Verdict.Clean);
        }

        await store.FlushAsync();

        Assert.All(Enumerable.Range(1, 250), number => Assert.Equal(
            number > 150, store.TryGet(Sample.File((ulong)number), Sample.Epoch, out _)));
        Assert.All(Enumerable.Range(1, 250), number => Assert.Equal(
            number > 200, store.TryGet(Sample.Content((ulong)number), Sample.Epoch, out _)));
        Assert.Equal(150 + 200, store.Counters.Evicted);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFullStore_WhenAFileIsKeptAgain_ThenItIsAmongTheYoungest()
    {
        SqliteVerdictStore store = _directory.Open(_directory.Options with { MaxFiles = 3 });
        foreach (ulong number in (ulong[])[1, 2, 3, 1, 4])
        {
            store.Keep(Sample.File(number), Sample.Epoch, Verdict.Clean);
        }

        await store.FlushAsync();

        Assert.False(store.TryGet(Sample.File(2), Sample.Epoch, out _));
        Assert.All((ulong[])[1, 3, 4], number => Assert.True(store.TryGet(Sample.File(number), Sample.Epoch, out _)));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAStoreThatMayHoldLessThanBefore_WhenItIsUsed_ThenItShrinks()
    {
        await KeepFilesAsync(10_000, Sample.Epoch);

        SqliteVerdictStore store = _directory.Open(_directory.Options with { MaxFiles = 100 });
        store.Keep(Sample.File(0), Sample.Epoch, Verdict.Clean);

        await UntilAsync(() => _directory.Query("SELECT count(*) FROM files") == "100");
        Assert.True(store.TryGet(Sample.File(0), Sample.Epoch, out _));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenVerdictsOfAnEpochThatIsOver_WhenTheNextHasLasted_ThenTheyAreRemoved()
    {
        await KeepFilesAsync(3_500, Sample.Epoch);

        SqliteVerdictStore store = _directory.Open(_directory.Options with { SweepDelay = TimeSpan.Zero });
        store.Keep(Sample.Content(1), Sample.Epoch, Verdict.Clean);
        store.Keep(Sample.File(1), Sample.NextEpoch, Verdict.Clean);
        store.Keep(Sample.Content(2), Sample.NextEpoch, Verdict.Clean);

        await UntilAsync(() => _directory.Query("SELECT group_concat(name) FROM epochs") == Sample.NextEpoch);
        Assert.Equal("1", _directory.Query("SELECT count(*) FROM files"));
        Assert.Equal("1", _directory.Query("SELECT count(*) FROM contents"));
        Assert.Equal(3_499 + 1, store.Counters.Outdated);
        Assert.True(store.TryGet(Sample.File(1), Sample.NextEpoch, out _));
        Assert.True(store.TryGet(Sample.Content(2), Sample.NextEpoch, out _));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAnEpochThatWasRemoved_WhenItsNumberCouldBeUsedAgain_ThenItIsNot()
    {
        SqliteVerdictStore store = _directory.Open(_directory.Options with { SweepDelay = TimeSpan.Zero });
        store.Keep(Sample.File(1), "first", Verdict.Clean);
        await store.FlushAsync();
        store.Keep(Sample.File(2), "second", Verdict.Clean);
        store.Keep(Sample.File(1), "first", Verdict.Clean);
        await store.FlushAsync();
        await UntilAsync(() => _directory.Query("SELECT group_concat(name) FROM epochs") == "first");
        store.Keep(Sample.File(3), "third", Verdict.Clean);
        await store.FlushAsync();

        Assert.Equal("3", _directory.Query("SELECT id FROM epochs WHERE name = 'third'"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFullQueue_WhenMoreIsKept_ThenItIsDroppedAndCounted()
    {
        SqliteVerdictStore store = _directory.Open(
            _directory.Options with { QueueCapacity = 10, WriteDelay = TimeSpan.FromMilliseconds(500) });
        for (ulong number = 0; number < 100; number++)
        {
            store.Keep(Sample.File(number), Sample.Epoch, Verdict.Clean);
        }

        await store.FlushAsync();

        VerdictStoreCounters counters = store.Counters;
        Assert.True(counters.Dropped > 0);
        Assert.Equal(100, counters.Kept + counters.Dropped);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFullQueue_WhenAFileIsForgotten_ThenItIsUnknownAllTheSame()
    {
        SqliteVerdictStore store = _directory.Open(
            _directory.Options with { QueueCapacity = 5, WriteDelay = TimeSpan.FromMilliseconds(500) });
        store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        await store.FlushAsync();
        for (ulong number = 10; number < 20; number++)
        {
            store.Keep(Sample.File(number), Sample.Epoch, Verdict.Clean);
        }

        store.Forget(Sample.File(1).File);
        await store.FlushAsync();

        Assert.False(store.TryGet(Sample.File(1), Sample.Epoch, out _));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenLookUpsOfWhatIsUnknown_WhenTheyAreMeasured_ThenTheyAllocateNothing()
    {
        SqliteVerdictStore store = _directory.Open();
        store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
        await store.FlushAsync();
        LookUpThousandTimes();

        long before = GC.GetAllocatedBytesForCurrentThread();
        LookUpThousandTimes();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);

        void LookUpThousandTimes()
        {
            for (ulong number = 1; number <= 1_000; number++)
            {
                _ = store.TryGet(Sample.File(number), Sample.Epoch, out _);
                _ = store.TryGet(Sample.Content(number), Sample.Epoch, out _);
            }
        }
    }

    private async Task KeepFilesAsync(int count, string epoch)
    {
        using SqliteVerdictStore store = _directory.Open();
        for (int number = 1; number <= count; number++)
        {
            store.Keep(Sample.File((ulong)number), epoch, Verdict.Clean);
        }

        await store.FlushAsync();
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
