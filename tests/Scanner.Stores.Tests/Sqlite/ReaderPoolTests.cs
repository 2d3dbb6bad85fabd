using System.Diagnostics;
using Scanner.Core.Scanning;
using Scanner.Stores.Sqlite;

namespace Scanner.Stores.Tests.Sqlite;

/// <summary>Readers are few, and nobody waits long for one.</summary>
public sealed class ReaderPoolTests : IDisposable
{
    private readonly StoreDirectory _directory = new();
    private readonly SqliteVerdictStore _store;

    public ReaderPoolTests()
    {
        _store = _directory.Open();
        _store.Keep(Sample.File(1), Sample.Epoch, Verdict.Clean);
    }

    public void Dispose() => _directory.Dispose();

    [Fact(Timeout = 30_000)]
    public async Task GivenAllReadersInUse_WhenAnotherIsWanted_ThenThereIsNoneWithinMilliseconds()
    {
        await _store.FlushAsync();
        ReaderPool pool = new(_directory.Database, 2, TimeProvider.System);
        Reader first = pool.Rent(out int firstPlace)!;
        Reader second = pool.Rent(out int secondPlace)!;

        Stopwatch watch = Stopwatch.StartNew();
        Assert.Null(pool.Rent(out _));
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(0.9), TimeSpan.FromSeconds(1));

        pool.Return(second, secondPlace);
        Assert.Same(second, pool.Rent(out secondPlace));
        pool.Return(first, firstPlace);
        pool.Return(second, secondPlace);
        pool.Close();
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAReaderInUse_WhenThePoolIsClosed_ThenItFinishesAndIsClosedWhenItComesBack()
    {
        await _store.FlushAsync();
        ReaderPool pool = new(_directory.Database, 1, TimeProvider.System);
        Reader reader = pool.Rent(out int place)!;

        pool.Close();

        Assert.Null(pool.Rent(out _));
        Assert.Equal(LookUp.OtherEpoch, reader.Find(Sample.File(1), default, out _));
        pool.Return(reader, place);
        Assert.Throws<ObjectDisposedException>(() => reader.Find(Sample.File(1), default, out _));
    }

    [Theory(Timeout = 30_000)]
    [InlineData(0)]
    [InlineData(65)]
    public Task GivenAnOptionOutOfRange_WhenAStoreIsOpened_ThenItIsNamed(int readers)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => _directory.TryOpen(_directory.Options with { Readers = readers }));
        Assert.Equal("Readers", error.ParamName);
        return Task.CompletedTask;
    }
}
