using Scanner.Journal;
using Scanner.Linux.Fanotify;
using Scanner.Supervisor.Tests.Fixtures;

namespace Scanner.Supervisor.Tests;

/// <summary>What a dead worker's slots become; the groups they name are gone, so that nothing is written.</summary>
public sealed class RecoveryTests : IDisposable
{
    private static readonly EventMetadata s_event =
        new() { EventLength = 24, Version = 3, Mask = EventMask.OpenPermission, Descriptor = 70, ProcessId = 1 };

    private readonly Keeper _keeper = new();

    public void Dispose() => _keeper.Dispose();

    [Fact(Timeout = 10_000)]
    public Task GivenAFreeSlot_WhenRecovered_ThenItStaysFree()
    {
        _keeper.Bring(0, SlotState.Free);

        Assert.Empty(Run());

        Assert.Equal(SlotState.Free, _keeper.Journal.Slot(0).State);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAReadThatGotNothing_WhenRecovered_ThenTheSlotIsFree()
    {
        _keeper.Bring(0, SlotState.Reading);

        Assert.Empty(Run());

        Assert.Equal(SlotState.Free, _keeper.Journal.Slot(0).State);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData(EventMask.CloseWrite, 70)]
    [InlineData(EventMask.OpenPermission, -24)]
    public Task GivenAReadOfWhatWantsNoReply_WhenRecovered_ThenTheSlotIsFree(EventMask mask, int descriptor)
    {
        _keeper.Bring(0, SlotState.Reading, metadata: s_event with { Mask = mask, Descriptor = descriptor });

        Assert.Empty(Run());

        Assert.Equal(SlotState.Free, _keeper.Journal.Slot(0).State);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData(SlotState.Reading)]
    [InlineData(SlotState.Read)]
    [InlineData(SlotState.Answering)]
    public Task GivenAnEventWhoseFileIsNotKnownOrWhoseAnswerIsNotDecided_WhenRecovered_ThenItFails(SlotState state)
    {
        _keeper.Bring(0, state, metadata: s_event);

        Assert.Empty(Run());

        AssertAnswered(0, Access.Deny, FailureReason.Restarting);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAnIdentifiedEvent_WhenRecovered_ThenItWaitsForTheNextWorkerAndItsNumberIsKept()
    {
        _keeper.Bring(3, SlotState.Identified, metadata: s_event);
        _keeper.Bring(5, SlotState.Identified, metadata: s_event with { Descriptor = 71 });

        Assert.Equal([70, 71], Run());

        Assert.Equal(SlotState.Identified, _keeper.Journal.Slot(3).State);
        Assert.True(_keeper.Journal.Slot(3).IsReserved);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAnIdentifiedEvent_WhenTheNextWorkerDiesToo_ThenItWaitsAgain()
    {
        _keeper.Bring(0, SlotState.Identified, metadata: s_event);
        Run();

        Assert.Equal([70], Run());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAnAnswerThatIsDecided_WhenRecovered_ThenItIsWrittenAsItIs()
    {
        _keeper.Journal.Header.SetAction(FailureReason.Restarting, Access.Allow);
        _keeper.Bring(0, SlotState.Answering, metadata: s_event);
        _keeper.Journal.Slot(0).Decide(Access.Deny, FailureReason.EngineError);

        Assert.Empty(Run());

        AssertAnswered(0, Access.Deny, FailureReason.EngineError);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAnEventThatTheClockHasClaimed_WhenRecovered_ThenItIsLeftToTheClockAndItsNumberIsKept()
    {
        _keeper.Bring(0, SlotState.Read, metadata: s_event);
        _keeper.Journal.Slot(0).TryClaim(Claimant.Supervisor);

        Assert.Equal([70], Run());

        Assert.Equal(SlotState.Answering, _keeper.Journal.Slot(0).State);
        Assert.Equal(Access.None, _keeper.Journal.Slot(0).Access);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAnAnsweredEvent_WhenRecovered_ThenItIsLeftToBeRecordedWithoutItsNumber()
    {
        _keeper.Bring(0, SlotState.Answering, metadata: s_event);
        _keeper.Journal.Slot(0).Decide(Access.Allow, FailureReason.None);
        _keeper.Journal.Slot(0).CompleteAnswer();
        _keeper.Journal.Slot(0).IsReserved = true;

        Assert.Empty(Run());

        AssertAnswered(0, Access.Allow, FailureReason.None);
        Assert.False(_keeper.Journal.Slot(0).IsReserved);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenNoWorkerWillCome_WhenEverythingIsAnswered_ThenIdentifiedEventsFailToo()
    {
        _keeper.Bring(0, SlotState.Read, metadata: s_event);
        _keeper.Bring(1, SlotState.Identified, metadata: s_event);
        _keeper.Bring(2, SlotState.Free);

        new Recovery(_keeper.Journal, _keeper.Groups).AnswerAll();

        AssertAnswered(0, Access.Deny, FailureReason.Restarting);
        AssertAnswered(1, Access.Deny, FailureReason.Restarting);
        Assert.Equal(SlotState.Free, _keeper.Journal.Slot(2).State);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAReadThatHangs_WhenItEndsAfterEverythingWasAnswered_ThenItsEventFailsToo()
    {
        _keeper.Bring(0, SlotState.Reading);
        Recovery recovery = new(_keeper.Journal, _keeper.Groups);
        recovery.AnswerAll();

        // The kernel gives out the event as it lets the killed thread go.
        _keeper.Journal.Slot(0).Event = s_event;
        Assert.Empty(recovery.Run());

        AssertAnswered(0, Access.Deny, FailureReason.Restarting);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData(SlotState.Reading)]
    [InlineData(SlotState.Read)]
    [InlineData(SlotState.Identified)]
    [InlineData(SlotState.Answering)]
    public Task GivenAnotherAction_WhenEverythingIsAnswered_ThenItHoldsForEveryEvent(SlotState state)
    {
        _keeper.Bring(0, state, metadata: s_event);

        new Recovery(_keeper.Journal, _keeper.Groups).AnswerAll(Access.Allow);

        AssertAnswered(0, Access.Allow, FailureReason.Restarting);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenRecoveryIsSwitchedOff_WhenTheWorkerDies_ThenEverySlotIsForgotten()
    {
        _keeper.Journal.Header.IsRecoveryDisabled = true;
        _keeper.Bring(0, SlotState.Read, metadata: s_event);
        _keeper.Bring(1, SlotState.Identified, metadata: s_event);

        Assert.Empty(Run());

        Assert.Equal(SlotState.Free, _keeper.Journal.Slot(0).State);
        Assert.Equal(SlotState.Free, _keeper.Journal.Slot(1).State);
        return Task.CompletedTask;
    }

    private IReadOnlyList<int> Run() => new Recovery(_keeper.Journal, _keeper.Groups).Run();

    private void AssertAnswered(int index, Access access, FailureReason reason)
    {
        Slot slot = _keeper.Journal.Slot(index);
        Assert.Equal((SlotState.Answered, access, reason), (slot.State, slot.Access, slot.Reason));
    }
}
