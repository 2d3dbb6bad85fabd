using Scanner.Linux.Fanotify;

namespace Scanner.Journal.Tests;

public sealed class JournalHeaderTests
{
    private readonly EventJournal _journal = EventJournal.Create(64);

    [Fact(Timeout = 5_000)]
    public Task GivenActions_WhenTheyAreSet_ThenEachReasonKeepsItsOwn()
    {
        FailureReason[] reasons = Enum.GetValues<FailureReason>();
        foreach (FailureReason reason in reasons)
        {
            _journal.Header.SetAction(reason, Expected(reason));
        }

        Assert.All(reasons, reason => Assert.Equal(Expected(reason), _journal.Header.ActionFor(reason)));
        return Task.CompletedTask;

        static Access Expected(FailureReason reason) => (int)reason % 2 == 0 ? Access.Deny : Access.Allow;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenSlotsInUse_WhenAnotherIsUsed_ThenTheCountCoversTheHighest()
    {
        _journal.Header.Use(0);
        Assert.Equal(1, _journal.Header.UsedSlots);
        _journal.Header.Use(9);
        Assert.Equal(10, _journal.Header.UsedSlots);
        _journal.Header.Use(3);
        Assert.Equal(10, _journal.Header.UsedSlots);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 20_000)]
    public Task GivenManyThreads_WhenAllUseSlots_ThenTheCountNeverLosesOne()
    {
        for (int round = 0; round < 1_000; round++)
        {
            EventJournal journal = round % 100 == 0 ? EventJournal.Create(1) : _journal;
            Parallel.For(0, 64, slot =>
            {
                journal.Header.Use(slot);
                Assert.True(journal.Header.UsedSlots > slot);
            });
            Assert.Equal(64, journal.Header.UsedSlots);
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenTheWorkersSigns_WhenTheyAreSet_ThenTheyAreRead()
    {
        ref JournalHeader header = ref _journal.Header;
        header.Pulse = long.MaxValue;
        header.IsReady = true;

        Assert.Equal((long.MaxValue, true, 0), (header.Pulse, header.IsReady, header.UsedSlots));
        header.IsReady = false;
        Assert.False(header.IsReady);
        return Task.CompletedTask;
    }
}
