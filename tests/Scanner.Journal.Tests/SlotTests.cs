using Scanner.Linux.Fanotify;

namespace Scanner.Journal.Tests;

/// <summary>Every move of a slot, and every one that must not be made.</summary>
public sealed class SlotTests
{
    private readonly EventJournal _journal = EventJournal.Create(1);

    private ref Slot Slot => ref _journal.Slot(0);

    [Fact(Timeout = 5_000)]
    public Task GivenANewJournal_WhenASlotIsLookedAt_ThenItIsFree()
    {
        Assert.Equal(SlotState.Free, Slot.State);
        Assert.Equal(Claimant.None, Slot.Claimant);
        Assert.Equal(Access.None, Slot.Access);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnEvent_WhenItGoesTheWholeWay_ThenEveryStateComesInTurn()
    {
        Slot.BeginRead(7);
        Assert.Equal(SlotState.Reading, Slot.State);
        Assert.Equal(7, Slot.Group);

        Slot.CompleteRead(100, 200);
        Assert.Equal(SlotState.Read, Slot.State);
        Assert.Equal((100, 200), (Slot.ReadAt, Slot.Deadline));

        Assert.True(Slot.TryIdentify());
        Assert.Equal(SlotState.Identified, Slot.State);

        Assert.True(Slot.TryClaim(Claimant.Worker));
        Assert.Equal(SlotState.Answering, Slot.State);
        Assert.Equal(Claimant.Worker, Slot.Claimant);
        Assert.Equal(Access.None, Slot.Access);

        Slot.Decide(Access.Deny, FailureReason.TooLarge);
        Assert.Equal(SlotState.Answering, Slot.State);
        Assert.Equal((Access.Deny, FailureReason.TooLarge), (Slot.Access, Slot.Reason));

        Slot.CompleteAnswer();
        Assert.Equal(SlotState.Answered, Slot.State);
        Assert.Equal(Claimant.Worker, Slot.Claimant);

        Slot.Free();
        Assert.Equal(SlotState.Free, Slot.State);
        Assert.Equal(Claimant.None, Slot.Claimant);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnEventThatWasLookedAt_WhenItsDeadlineIsBroughtForward_ThenNoOtherEventsIs()
    {
        Slot.BeginRead(0);
        Slot.CompleteRead(100, 200);
        long seen = Slot.Deadline;

        Assert.False(Slot.TryHurry(seen, 200));
        Assert.True(Slot.TryHurry(seen, 150));
        Assert.Equal(150, Slot.Deadline);

        // The next event in the slot.
        Slot.BeginRead(0);
        Slot.CompleteRead(300, 400);
        Assert.False(Slot.TryHurry(seen, 150));
        Assert.Equal(400, Slot.Deadline);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(SlotState.Free, false)]
    [InlineData(SlotState.Reading, false)]
    [InlineData(SlotState.Read, true)]
    [InlineData(SlotState.Identified, true)]
    [InlineData(SlotState.Answering, false)]
    [InlineData(SlotState.Answered, false)]
    public Task GivenAState_WhenTheSlotIsClaimed_ThenOnlyAnEventThatWaitsIsGiven(SlotState state, bool isClaimed)
    {
        Bring(state);

        Assert.Equal(isClaimed, Slot.TryClaim(Claimant.Supervisor));

        Assert.Equal(isClaimed ? SlotState.Answering : state, Slot.State);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(SlotState.Free, false)]
    [InlineData(SlotState.Reading, false)]
    [InlineData(SlotState.Read, true)]
    [InlineData(SlotState.Identified, false)]
    [InlineData(SlotState.Answering, false)]
    [InlineData(SlotState.Answered, false)]
    public Task GivenAState_WhenTheSlotIsIdentified_ThenOnlyAnEventJustReadIsMoved(SlotState state, bool isMoved)
    {
        Bring(state);

        Assert.Equal(isMoved, Slot.TryIdentify());

        Assert.Equal(isMoved ? SlotState.Identified : state, Slot.State);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(Claimant.Worker)]
    [InlineData(Claimant.Supervisor)]
    public Task GivenAClaimedSlot_WhenAnotherClaimsIt_ThenTheFirstKeepsIt(Claimant first)
    {
        Bring(SlotState.Identified);
        ulong before = Slot.Word;
        Assert.True(Slot.TryClaim(first));

        Assert.False(Slot.TryClaim(Claimant.Worker));
        Assert.False(Slot.TryClaim(Claimant.Supervisor));
        Assert.False(Slot.TryClaim(Claimant.Supervisor, before));

        Assert.Equal(first, Slot.Claimant);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenALookBeforeTheFileWasIdentified_WhenTheSlotIsClaimedWithIt_ThenItIsNotGiven()
    {
        Bring(SlotState.Read);
        ulong seen = Slot.Word;
        Slot.TryIdentify();

        Assert.False(Slot.TryClaim(Claimant.Supervisor, seen));
        Assert.True(Slot.TryClaim(Claimant.Supervisor));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(SlotState.Read)]
    [InlineData(SlotState.Identified)]
    public Task GivenASlotThatWasUsedAgain_WhenItIsClaimedForTheOlderEvent_ThenItIsNotGiven(SlotState state)
    {
        Bring(state);
        ulong seen = Slot.Word;
        Slot.TryClaim(Claimant.Worker);
        Slot.Decide(Access.Allow, FailureReason.None);
        Slot.CompleteAnswer();
        Slot.Free();
        Bring(state);

        Assert.Equal(Journal.Slot.StateOf(seen), Slot.State);
        Assert.False(Slot.TryClaim(Claimant.Supervisor, seen));

        Assert.Equal(state, Slot.State);
        Assert.True(Slot.TryClaim(Claimant.Supervisor, Slot.Word));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenASlotWithAnOldEvent_WhenTheNextReadBegins_ThenNothingOfTheOldOneIsLeft()
    {
        Bring(SlotState.Identified);
        Slot.Event = new EventMetadata { Version = 3, Descriptor = 5, Mask = EventMask.OpenPermission, ProcessId = 6 };
        Slot.IsReserved = true;
        Slot.TryClaim(Claimant.Worker);
        Slot.Decide(Access.Deny, FailureReason.EngineError);
        Slot.CompleteAnswer();
        Slot.Free();

        Slot.BeginRead(2);

        Assert.Equal(0, Slot.Event.Version);
        Assert.False(Slot.Event.WantsReply);
        Assert.Equal((Access.None, FailureReason.None, false), (Slot.Access, Slot.Reason, Slot.IsReserved));
        Assert.True(Slot.Handle.IsEmpty);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenADecidedSlot_WhenItsResponseIsTaken_ThenItHasTheEventsDescriptorAndTheAnswer()
    {
        Bring(SlotState.Read);
        Slot.Event.Descriptor = 42;
        Slot.TryClaim(Claimant.Worker);
        Slot.Decide(Access.Deny, FailureReason.None);

        Assert.Equal(new FanotifyResponse(42, Access.Deny), Slot.Response);
        return Task.CompletedTask;
    }

    private void Bring(SlotState state)
    {
        if (state >= SlotState.Reading)
        {
            Slot.BeginRead(0);
        }

        if (state >= SlotState.Read)
        {
            Slot.CompleteRead(1, 2);
        }

        if (state >= SlotState.Identified)
        {
            Slot.TryIdentify();
        }

        if (state >= SlotState.Answering)
        {
            Slot.TryClaim(Claimant.Worker);
        }

        if (state >= SlotState.Answered)
        {
            Slot.CompleteAnswer();
        }
    }
}
