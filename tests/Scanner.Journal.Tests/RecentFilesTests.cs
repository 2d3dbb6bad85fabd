using Scanner.Linux;

namespace Scanner.Journal.Tests;

public sealed class RecentFilesTests
{
    private const long Second = 1_000 * Clock.NanosecondsPerMillisecond;

    private readonly EventJournal _journal = EventJournal.Create(1);

    [Fact(Timeout = 5_000)]
    public Task GivenNothingWasNoted_WhenAsked_ThenNoFileIsRecent()
    {
        // Also not by the time 0, which an empty entry seems to hold.
        for (ulong inode = 0; inode < 100_000; inode++)
        {
            Assert.False(_journal.BrokenLeases.Has(0, inode, 0, long.MaxValue));
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAFileThatWasNoted_WhenThePeriodIsOver_ThenItIsRecentNoMore()
    {
        long now = 1_000 * Second;
        _journal.BrokenLeases.Note(7, 42, now);

        Assert.True(_journal.BrokenLeases.Has(7, 42, now, Second));
        Assert.True(_journal.BrokenLeases.Has(7, 42, now + (Second * 9 / 10), Second));
        Assert.False(_journal.BrokenLeases.Has(7, 42, now + (Second * 11 / 10), Second));
        Assert.True(_journal.BrokenLeases.Has(7, 42, now + (Second * 11 / 10), 2 * Second));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAFileThatWasNoted_WhenOthersAreAskedFor_ThenTheyAreNotTakenForIt()
    {
        _journal.BrokenLeases.Note(7, 42, Second);

        Assert.False(_journal.BrokenLeases.Has(8, 42, Second, Second));
        for (ulong inode = 43; inode < 1_000_000; inode++)
        {
            Assert.False(_journal.BrokenLeases.Has(7, inode, Second, Second));
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAsManyFilesAsAFewThousand_WhenNoted_ThenMostAreRemembered()
    {
        const int files = RecentFiles.Length / 4;
        for (ulong inode = 0; inode < files; inode++)
        {
            _journal.BrokenLeases.Note(7, inode, Second);
        }

        int remembered = 0;
        for (ulong inode = 0; inode < files; inode++)
        {
            remembered += _journal.BrokenLeases.Has(7, inode, Second, Second) ? 1 : 0;
        }

        Assert.InRange(remembered, files * 99 / 100, files);
        return Task.CompletedTask;
    }
}
