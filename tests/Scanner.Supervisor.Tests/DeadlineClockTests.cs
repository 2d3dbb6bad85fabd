using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Supervisor.Tests.Fixtures;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests;

/// <summary>Nobody waits beyond the deadline, whatever the worker does.</summary>
[Collection(MarksCollection.Name)]
public sealed class DeadlineClockTests
{
    /// <summary>The promise is 100 ms; a machine that runs other tests beside gets more.</summary>
    private const long Late = 1_000 * Clock.NanosecondsPerMillisecond;

    [Theory(Timeout = 30_000)]
    [InlineData(SlotState.Read, Access.Deny)]
    [InlineData(SlotState.Read, Access.Allow)]
    [InlineData(SlotState.Identified, Access.Deny)]
    [InlineData(SlotState.Identified, Access.Allow)]
    public Task GivenAnOpenThatNobodyAnswers_WhenItsDeadlineComes_ThenItGetsTheAction(SlotState state, Access action) =>
        Blocking.Run(() =>
        {
            using Keeper keeper = new(failure: action);
            using WatchedMount mount = new(keeper);
            using DeadlineClock clock = new(keeper.Journal, keeper.Groups);
            clock.Start();
            Opener opener = mount.OpenInto(0, state);
            long deadline = Clock.Now + (300 * Clock.NanosecondsPerMillisecond);
            keeper.Journal.Slot(0).Deadline = deadline;

            OpenerResult result = opener.Result();
            long ended = Clock.Now;

            Assert.Equal(action == Access.Deny, result.WasDenied);
            Assert.InRange(ended, deadline, deadline + Late);
            AssertAnsweredByClock(keeper, 0, action);
        });

    [Fact(Timeout = 30_000)]
    public Task GivenManyOpens_WhenSomeAreOverdue_ThenOnlyThoseAreAnswered() => Blocking.Run(() =>
    {
        using Keeper keeper = new();
        using WatchedMount first = new(keeper, 1);
        using WatchedMount second = new(keeper, 2);
        Opener overdue = first.OpenInto(0, SlotState.Read);
        Opener early = first.OpenInto(1, SlotState.Read);
        Opener claimed = second.OpenInto(2, SlotState.Answering);
        Opener overdueToo = second.OpenInto(3, SlotState.Identified);
        keeper.Journal.Slot(0).Deadline = 0;
        keeper.Journal.Slot(2).Deadline = 0;
        keeper.Journal.Slot(3).Deadline = 0;
        using DeadlineClock clock = new(keeper.Journal, keeper.Groups);

        clock.Start();

        Assert.True(overdue.Result().WasDenied);
        Assert.True(overdueToo.Result().WasDenied);
        Assert.False(early.EndsWithin(200));
        Assert.False(claimed.EndsWithin(0));
        Assert.Equal(SlotState.Read, keeper.Journal.Slot(1).State);
        Assert.Equal(Claimant.Worker, keeper.Journal.Slot(2).Claimant);
    });

    [Fact(Timeout = 30_000)]
    public Task GivenAnOpenInAnotherSlotThanEverUsed_WhenItIsOverdue_ThenTheClockDoesNotLookThere()
    {
        using Keeper keeper = new();
        keeper.Bring(0, SlotState.Read);
        keeper.Journal.Slot(0).Deadline = 0;
        ref Slot unused = ref keeper.Journal.Slot(1);
        unused.BeginRead(0);
        unused.CompleteRead(0, 0);
        using DeadlineClock clock = new(keeper.Journal, keeper.Groups);

        clock.Start();

        Assert.True(SpinWait.SpinUntil(() => keeper.Journal.Slot(0).State == SlotState.Answered, 5_000));
        Assert.Equal(SlotState.Read, keeper.Journal.Slot(1).State);
        return Task.CompletedTask;
    }

    private static void AssertAnsweredByClock(Keeper keeper, int index, Access action)
    {
        Assert.True(SpinWait.SpinUntil(() => keeper.Journal.Slot(index).State == SlotState.Answered, 5_000));
        Slot slot = keeper.Journal.Slot(index);
        Assert.Equal(
            (Claimant.Supervisor, action, FailureReason.DeadlinePassed), (slot.Claimant, slot.Access, slot.Reason));
    }
}
