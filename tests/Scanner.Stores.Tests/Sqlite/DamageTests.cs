using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>A damaged store is begun anew, with one message, and never answers wrongly before.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Files = 5_000;

    private readonly StoreDirectory _directory = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    public void Dispose() => _directory.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task GivenGarbageForAHeader_WhenTheStoreIsOpened_ThenItBeginsAnew()
    {
        MakeStore();
        Overwrite((bytes, random) => random.NextBytes(bytes.AsSpan(0, 4096)), seed: 1);

        await AssertBeginsAnewAsync(_directory.Open());
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenHalfAFile_WhenTheStoreIsUsed_ThenItBeginsAnew()
    {
        MakeStore();
        File.WriteAllBytes(_directory.Database, File.ReadAllBytes(_directory.Database)[..100_000]);
        SqliteVerdictStore store = _directory.Open();

        LookUpAll(store);

        await AssertBeginsAnewAsync(store);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAnEmptyFile_WhenTheStoreIsOpened_ThenItIsANewStore()
    {
        MakeStore();
        File.WriteAllBytes(_directory.Database, []);

        await AssertWorksAsync(_directory.Open());
        Assert.Empty(_directory.Logger.Warnings);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenNoTable_WhenTheStoreIsOpened_ThenItBeginsAnew()
    {
        MakeStore();
        _directory.Execute("DROP TABLE contents");

        await AssertBeginsAnewAsync(_directory.Open());
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Seeds))]
    public async Task GivenGarbageInTheMiddle_WhenTheStoreIsUsed_ThenNoAnswerIsWrongAndItBeginsAnew(int seed)
    {
        MakeStore();
        Overwrite(
            (bytes, random) => random.NextBytes(bytes.AsSpan(bytes.Length / 4, bytes.Length / 2)), seed);
        SqliteVerdictStore store = _directory.Open();

        LookUpAll(store);

        await AssertBeginsAnewAsync(store);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Seeds))]
    public async Task GivenSomeWrongBytes_WhenTheStoreIsUsed_ThenNoAnswerIsWrong(int seed)
    {
        MakeStore();
        Overwrite(
            (bytes, random) =>
            {
                for (int i = 0; i < 300; i++)
                {
                    bytes[random.Next(4096, bytes.Length)] ^= (byte)(1 << random.Next(8));
                }
            },
            seed);
        SqliteVerdictStore store = _directory.Open();

        LookUpAll(store);

        await AssertWorksAsync(store);
        LookUpAll(store);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenARowThatWasChanged_WhenItIsLookedUp_ThenItIsNotBelieved()
    {
        MakeStore();
        _directory.Execute("UPDATE files SET signature = NULL WHERE inode = 7");
        SqliteVerdictStore store = _directory.Open();

        Assert.False(store.TryGet(Sample.File(7), Sample.Epoch, out Verdict verdict));

        Assert.Equal(default, verdict);
        await AssertBeginsAnewAsync(store);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAnEpochWhoseNameWasChanged_WhenItsVerdictsAreLookedUp_ThenTheyAreNotBelieved()
    {
        MakeStore();
        _directory.Execute($"UPDATE epochs SET name = '{Sample.NextEpoch}'");
        SqliteVerdictStore store = _directory.Open();

        Assert.False(store.TryGet(Sample.File(7), Sample.NextEpoch, out _));

        await AssertBeginsAnewAsync(store);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Seeds))]
    public async Task GivenALogLeftBehindAndDamaged_WhenTheStoreIsOpened_ThenNoAnswerIsWrong(int seed)
    {
        using StoreDirectory copy = new();
        SqliteVerdictStore store = _directory.Open();
        Keep(store, Files);
        await store.FlushAsync();
        Directory.CreateDirectory(copy.Root);
        File.Copy(_directory.Database, copy.Database);
        byte[] log = File.ReadAllBytes(_directory.Database + "-wal");
        Random random = new(seed);
        random.NextBytes(log.AsSpan(random.Next(log.Length), 1));
        log.AsSpan(random.Next(log.Length)).Clear();
        File.WriteAllBytes(copy.Database + "-wal", log);

        SqliteVerdictStore opened = copy.Open();

        LookUpAll(opened);
        await AssertWorksAsync(opened);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAStoreThatIsDamagedAgainAndAgain_WhenItIsUsed_ThenItIsGivenUp()
    {
        SqliteVerdictStore store = _directory.Open();
        for (int times = 1; times <= 4; times++)
        {
            Keep(store, 1);
            await store.FlushAsync();
            _directory.Execute("UPDATE files SET signature = NULL");
            Assert.False(store.TryGet(Sample.File(0), Sample.Epoch, out _));
            await UntilAsync(() => _directory.Logger.Warnings.Count() == times);
        }

        Keep(store, 1);
        await store.FlushAsync();
        Assert.False(store.TryGet(Sample.File(0), Sample.Epoch, out _));
        Assert.Contains("not used any more", _directory.Logger.Warnings.Last());
    }

    private void MakeStore()
    {
        using SqliteVerdictStore store = _directory.Open();
        Keep(store, Files);
    }

    private static void Keep(SqliteVerdictStore store, int files)
    {
        for (int number = 0; number < files; number++)
        {
            store.Keep(Sample.File((ulong)number), Sample.Epoch, Verdict.Infected($"Signature-{number}"));
            store.Keep(Sample.Content((ulong)number), Sample.Epoch, Verdict.Infected($"Signature-{number}"));
        }
    }

    private static void LookUpAll(SqliteVerdictStore store)
    {
        for (int number = 0; number < Files; number++)
        {
            if (store.TryGet(Sample.File((ulong)number), Sample.Epoch, out Verdict file))
            {
                Assert.Equal(Verdict.Infected($"Signature-{number}"), file);
            }

            if (store.TryGet(Sample.Content((ulong)number), Sample.Epoch, out Verdict content))
            {
                Assert.Equal(Verdict.Infected($"Signature-{number}"), content);
            }
        }
    }

    private void Overwrite(Action<byte[], Random> how, int seed)
    {
        byte[] bytes = File.ReadAllBytes(_directory.Database);
        how(bytes, new Random(seed));
        File.WriteAllBytes(_directory.Database, bytes);
    }

    private async Task AssertBeginsAnewAsync(SqliteVerdictStore store)
    {
        await UntilAsync(() => _directory.Logger.Warnings.Any());
        await AssertWorksAsync(store);
        Assert.Contains("begins anew", Assert.Single(_directory.Logger.Warnings));
        Assert.Equal("1", _directory.Query("SELECT count(*) FROM files"));
        Assert.Equal("ok", _directory.Query("PRAGMA integrity_check"));
    }

    private static async Task AssertWorksAsync(SqliteVerdictStore store)
    {
        await UntilAsync(() =>
        {
            store.Keep(Sample.File(Files), Sample.Epoch, Verdict.Infected($"Signature-{Files}"));
            store.FlushAsync().GetAwaiter().GetResult();
            return store.TryGet(Sample.File(Files), Sample.Epoch, out _);
        });
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
