using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Deciding;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Tests.Deciding;

public sealed class SleepServiceTests
{
    private const long LongDeadline = 600L * 1_000 * Clock.NanosecondsPerMillisecond;

    [Fact(Timeout = 30_000)]
    public async Task GivenAnEventThatWaits_WhenTheSystemIsAboutToSleep_ThenItSleepsAfterTheAnswer()
    {
        using Rooms rooms = new();
        FakeSleep sleep = new();
        SleepService service = await StartAsync(rooms, sleep, patience: TimeSpan.FromMinutes(1));
        int slot = Ask(rooms);

        sleep.Tell(isAboutToSleep: true);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        int releasedBefore = sleep.Released;
        int later = Ask(rooms);
        Answer(rooms, slot);

        Assert.Equal(0, releasedBefore);
        await ReachesAsync(() => sleep.Released == 1);

        // What is asked meanwhile does not keep the system awake for ever.
        Assert.Equal(SlotState.Read, rooms.Journal.Slot(later).State);
        sleep.Tell(isAboutToSleep: false);
        await ReachesAsync(() => sleep.Given == 2);
        Assert.Equal(1, sleep.Released);
        await service.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAnEventThatIsNotAnswered_WhenTheSystemIsAboutToSleep_ThenItsDeadlineIsNow()
    {
        using Rooms rooms = new();
        FakeSleep sleep = new();
        SleepService service = await StartAsync(rooms, sleep, patience: TimeSpan.FromMilliseconds(100));
        int slot = Ask(rooms);

        sleep.Tell(isAboutToSleep: true);
        await ReachesAsync(() => sleep.Released == 1);
        int later = Ask(rooms);

        Assert.True(rooms.Journal.Slot(slot).Deadline <= Clock.Now);

        // But not so early that the answer, should the worker be giving it, counts as stuck.
        Assert.True(rooms.Journal.Slot(slot).Deadline > rooms.Journal.Slot(slot).ReadAt);
        Assert.True(rooms.Journal.Slot(later).Deadline > Clock.Now);
        await service.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenWhoeverKnewHasGone_WhenThereIsAnother_ThenSleepIsDelayedAgain()
    {
        using Rooms rooms = new();
        FakeSleep sleep = new();
        SleepService service = await StartAsync(rooms, sleep, patience: TimeSpan.FromMinutes(1));

        sleep.Tell(isAboutToSleep: null);

        await ReachesAsync(() => sleep is { Given: 2, Released: 1 });
        await service.StopAsync(CancellationToken.None);
        await ReachesAsync(() => sleep.Released == 2);
    }

    private static async Task<SleepService> StartAsync(Rooms rooms, FakeSleep sleep, TimeSpan patience)
    {
        SleepService service = new(rooms.Waiting, () => sleep, NullLogger<SleepService>.Instance)
        {
            Patience = patience,
            Leaving = TimeSpan.FromMilliseconds(100),
        };
        await service.StartAsync(CancellationToken.None);
        await ReachesAsync(() => sleep.Given == 1);
        return service;
    }

    private static int Ask(Rooms rooms)
    {
        int index = rooms.Pool.TryTake();
        ref Slot slot = ref rooms.Journal.Slot(index);
        slot.BeginRead(0);
        slot.CompleteRead(Clock.Now, Clock.Now + LongDeadline);
        return index;
    }

    private static void Answer(Rooms rooms, int index)
    {
        ref Slot slot = ref rooms.Journal.Slot(index);
        Assert.True(slot.TryClaim(Claimant.Worker));
        slot.Decide(Access.Allow, FailureReason.None);
        slot.CompleteAnswer();
        rooms.Pool.Return(index);
    }

    private static async Task ReachesAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
