using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;
using Scanner.Testing;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>What happens to a store while it is in use.</summary>
public sealed class UnderwayTests : IDisposable
{
    private const int Files = 2_000;

    private readonly StoreDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory(Timeout = 30_000)]
    [InlineData("verdicts.db")]
    [InlineData("verdicts.db-wal")]
    [InlineData("*")]
    public async Task GivenAStore_WhenItsFilesAreRemoved_ThenItBeginsAnew(string files)
    {
        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "mine");

        foreach (string file in Directory.GetFiles(_directory.Root, files))
        {
            File.Delete(file);
        }

        await AssertBeginsAnewAsync(store);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAStore_WhenItsDirectoryIsRemoved_ThenItBeginsAnew()
    {
        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "mine");

        Directory.Delete(_directory.Root, recursive: true);

        await AssertBeginsAnewAsync(store);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAStore_WhenAnotherTakesItsPlace_ThenThatIsNotBelieved()
    {
        using StoreDirectory other = new();
        using (SqliteVerdictStore theirs = other.Open())
        {
            await KeepAsync(theirs, "theirs");
        }

        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "mine");

        File.Move(other.Database, _directory.Database, overwrite: true);

        Assert.Equal(Files, Count(store, "mine"));
        await AssertBeginsAnewAsync(store);
        Assert.Equal(0, Count(store));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAStore_WhenItIsOverwrittenInPlace_ThenEveryAnswerIsOfOneOfThem()
    {
        using StoreDirectory other = new();
        using (SqliteVerdictStore theirs = other.Open())
        {
            await KeepAsync(theirs, "theirs");
        }

        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "mine");

        Tool.Run("cp", other.Database, _directory.Database);

        _ = Count(store, "mine", "theirs");
        await AssertWorksAsync(store);
        _ = Count(store, "mine", "theirs");
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAStore_WhenGarbageTakesItsPlace_ThenItBeginsAnew()
    {
        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "mine");
        byte[] garbage = new byte[50_000];
        new Random(1).NextBytes(garbage);
        File.WriteAllBytes(_directory.Database + ".new", garbage);

        File.Move(_directory.Database + ".new", _directory.Database, overwrite: true);

        await AssertWorksAsync(store);
        Assert.Contains(_directory.Logger.Warnings, text => text.Contains("begins anew"));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAStore_WhenAFileOfAUserTakesItsPlace_ThenItIsGivenUp()
    {
        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "mine");
        string forged = _directory.Database + ".new";
        File.Copy(_directory.Database, forged);
        Tool.Run("chown", "65534", forged);

        File.Move(forged, _directory.Database, overwrite: true);
        await KeepAsync(store, "mine");

        Assert.Equal(0, Count(store, "mine"));
        Assert.Contains("belongs to user 65534", _directory.Logger.Warnings.Last());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFilesystemThatGetsFull_WhenVerdictsAreKept_ThenOneMessageSaysSoAndLookUpsGoOn()
    {
        using TestMount mount = TestMount.Tmpfs();
        using StoreDirectory directory = new(mount.Root);
        SqliteVerdictStore store = directory.Open();
        await KeepAsync(store, "before");
        string filler = Filler.Fill(mount.Root);

        for (int i = 0; i < 10; i++)
        {
            await KeepAsync(store, "meanwhile", first: 10_000 + (i * Files));
        }

        Assert.True(store.Counters.WriteErrors > 0);
        Assert.Contains("cannot be written", Assert.Single(directory.Logger.Warnings));
        Assert.Equal(Files, Count(store, "before"));

        File.Delete(filler);
        await AssertWorksAsync(store);
        Assert.Equal(StoreEventIds.StoreWrittenAgain, directory.Logger.Messages.Last().Id);
        Assert.Equal("ok", directory.Query("PRAGMA integrity_check"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenADatabaseThatSomebodyLocks_WhenItIsUsed_ThenLookUpsGoOnAndNothingHangs()
    {
        SqliteVerdictStore store = _directory.Open();
        await KeepAsync(store, "before");
        using (Connection somebody = new(_directory.Database, false, TimeSpan.FromSeconds(1), cacheKib: 512))
        {
            somebody.Execute("BEGIN EXCLUSIVE");
            Stopwatch watch = Stopwatch.StartNew();
            await KeepAsync(store, "meanwhile", first: Files);

            Assert.InRange(watch.ElapsedMilliseconds, 0, 5_000);
            Assert.Equal(Files, store.Counters.WriteErrors);
            Assert.Equal(Files, Count(store, "before"));
            somebody.Execute("ROLLBACK");
        }

        await AssertWorksAsync(store);
        Assert.Contains("cannot be written", Assert.Single(_directory.Logger.Warnings));
    }

    private static async Task KeepAsync(SqliteVerdictStore store, string signature, int first = 0)
    {
        for (int number = first; number < first + Files; number++)
        {
            store.Keep(Sample.File((ulong)number), Sample.Epoch, Verdict.Infected($"{signature}-{number}"));
        }

        await store.FlushAsync();
    }

    /// <summary>Counts the files that are found, and wants every answer to be one kept for that file.</summary>
    private static int Count(SqliteVerdictStore store, params string[] signatures)
    {
        int found = 0;
        for (int number = 0; number < Files; number++)
        {
            if (store.TryGet(Sample.File((ulong)number), Sample.Epoch, out Verdict verdict))
            {
                found++;
                Assert.Contains(verdict.Signature, signatures.Select(signature => $"{signature}-{number}"));
            }
        }

        return found;
    }

    private async Task AssertBeginsAnewAsync(SqliteVerdictStore store)
    {
        await AssertWorksAsync(store);
        Assert.Contains("replaced or removed", Assert.Single(_directory.Logger.Warnings));
        Assert.Equal("1", _directory.Query($"SELECT count(*) FROM files WHERE inode = {Files}"));
        Assert.Equal("ok", _directory.Query("PRAGMA integrity_check"));
    }

    private static async Task AssertWorksAsync(SqliteVerdictStore store)
    {
        do
        {
            store.Keep(Sample.File(Files), Sample.Epoch, Verdict.Clean);
            await store.FlushAsync();
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        while (!store.TryGet(Sample.File(Files), Sample.Epoch, out _));
    }
}
