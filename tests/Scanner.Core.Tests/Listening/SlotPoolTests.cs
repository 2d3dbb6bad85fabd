using Scanner.Core.Listening;
using Scanner.Journal;

namespace Scanner.Core.Tests.Listening;

public sealed class SlotPoolTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenANewJournal_WhenEverySlotIsTaken_ThenEachIsTakenOnceAndThenNone()
    {
        EventJournal journal = EventJournal.Create(10);
        SlotPool pool = new(journal);

        Assert.Equal(Enumerable.Range(0, 10), Enumerable.Range(0, 10).Select(_ => pool.TryTake()));

        Assert.Equal(-1, pool.TryTake());
        Assert.Equal(10, journal.Header.UsedSlots);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenASlotThatIsGivenBack_WhenTheNextIsTaken_ThenItIsThatOneAndItIsFree()
    {
        EventJournal journal = EventJournal.Create(10);
        SlotPool pool = new(journal);
        int slot = pool.TryTake();
        journal.Slot(slot).BeginRead(0);

        pool.Return(slot);

        Assert.Equal(SlotState.Free, journal.Slot(slot).State);
        Assert.Equal(slot, pool.TryTake());
        Assert.Equal(1, journal.Header.UsedSlots);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenSlotsOfAnEarlierWorker_WhenThePoolIsMade_ThenTheyAreInheritedUntilTheyAreGivenBack()
    {
        EventJournal journal = EventJournal.Create(4);
        foreach (int index in (int[])[1, 2])
        {
            journal.Slot(index).BeginRead(0);
            journal.Slot(index).CompleteRead(0, 0);
        }

        SlotPool pool = new(journal);

        Assert.Equal([1, 2], pool.Inherited.Order());
        Assert.Equal([0, 3, -1], Enumerable.Range(0, 3).Select(_ => pool.TryTake()));
        pool.Return(2);
        Assert.Equal(2, pool.TryTake());
        return Task.CompletedTask;
    }

    [Theory(Timeout = 60_000)]
    [InlineData(3)]
    [InlineData(16)]
    public async Task GivenFourThreads_WhenTheyTakeAndGiveBack_ThenNoSlotIsEverHadTwice(int slots)
    {
        EventJournal journal = EventJournal.Create(slots);
        SlotPool pool = new(journal);
        int[] owners = new int[slots];
        int wrong = 0;
        long taken = 0;

        await Task.WhenAll(Enumerable.Range(1, 4).Select(thread => Task.Factory.StartNew(
            () => TakeAndReturn(thread),
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(0, wrong);
        Assert.True(taken > 0);
        Assert.Equal(Enumerable.Range(0, slots), Enumerable.Range(0, slots).Select(_ => pool.TryTake()).Order());
        Assert.Equal(-1, pool.TryTake());

        void TakeAndReturn(int thread)
        {
            for (int round = 0; round < 200_000; round++)
            {
                // Two at a time, so that slots come back in another order than they went.
                int first = Take(thread);
                int second = Take(thread);
                Return(first, thread);
                Return(second, thread);
            }
        }

        int Take(int thread)
        {
            int slot = pool.TryTake();
            if (slot >= 0)
            {
                Interlocked.Increment(ref taken);
                if (Interlocked.CompareExchange(ref owners[slot], thread, 0) != 0)
                {
                    Interlocked.Increment(ref wrong);
                }
            }

            return slot;
        }

        void Return(int slot, int thread)
        {
            if (slot < 0)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref owners[slot], 0, thread) != thread)
            {
                Interlocked.Increment(ref wrong);
            }

            pool.Return(slot);
        }
    }
}
