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
        RentAllOf(pool);
        pool.Close();
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenALookUpThatHasHung_WhenReadersAreWanted_ThenThereAreNoneForAMinute()
    {
        await _store.FlushAsync();
        SteppedTime time = new();
        ReaderPool pool = new(_directory.Database, 2, time);

        Assert.True(HangFor(pool, time, TimeSpan.FromMilliseconds(400)));
        Assert.True(HangFor(pool, time, TimeSpan.FromMilliseconds(600)));
        Assert.False(HangFor(pool, time, TimeSpan.FromSeconds(59)));
        Assert.False(HangFor(pool, time, TimeSpan.FromSeconds(2)));
        Assert.True(HangFor(pool, time, TimeSpan.Zero));
        pool.Close();
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAReaderInUse_WhenThePoolIsClosed_ThenItFinishesAndIsClosedWhenItComesBack()
    {
        await _store.FlushAsync();
        ReaderPool pool = new(_directory.Database, 1, TimeProvider.System);
        Reader reader = CloseInUse(pool);
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

    private static void RentAllOf(ReaderPool pool)
    {
        using Rental first = pool.Rent();
        Rental second = pool.Rent();
        Reader returned = second.Reader!;
        Assert.NotSame(first.Reader, returned);

        Stopwatch watch = Stopwatch.StartNew();
        Assert.Null(pool.Rent().Reader);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(0.9), TimeSpan.FromSeconds(1));

        second.Dispose();
        using Rental third = pool.Rent();
        Assert.Same(returned, third.Reader);
    }

    /// <summary>Wants a reader, and lets that time go by whether there is one or not.</summary>
    /// <returns>Whether there was one.</returns>
    private static bool HangFor(ReaderPool pool, SteppedTime time, TimeSpan span)
    {
        using Rental rental = pool.Rent();
        time.Step(span);
        return rental.Reader is not null;
    }

    private static Reader CloseInUse(ReaderPool pool)
    {
        using Rental rental = pool.Rent();
        pool.Close();
        Assert.Null(pool.Rent().Reader);
        Assert.Equal(LookUp.OtherEpoch, rental.Reader!.Find(Sample.File(1), default, out _));
        return rental.Reader;
    }
}
