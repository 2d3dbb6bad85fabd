namespace Scanner.Journal.Tests;

/// <summary>Worker and supervisor want the same event at the same moment.</summary>
public sealed class ClaimRaceTests
{
    private const int Rounds = 1_000_000;

    [Fact(Timeout = 120_000)]
    public async Task GivenTwoThreadsThatClaim_WhenTheyMeetAMillionTimes_ThenExactlyOneWinsEachTime()
    {
        EventJournal journal = EventJournal.Create(1);
        bool[] byWorker = new bool[Rounds];
        bool[] bySupervisor = new bool[Rounds];
        RoundBarrier barrier = new(2);

        Task supervisor = Run(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                barrier.Meet();
                ulong seen = journal.Slot(0).Word;
                bySupervisor[round] = journal.Slot(0).TryClaim(Claimant.Supervisor, seen);
                barrier.Meet();
            }
        });
        Task worker = Run(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                ref Slot slot = ref journal.Slot(0);
                slot.BeginRead(0);
                slot.CompleteRead(0, 0);
                barrier.Meet();
                _ = slot.TryIdentify();
                byWorker[round] = slot.TryClaim(Claimant.Worker);
                barrier.Meet();
                slot.CompleteAnswer();
                slot.Free();
            }
        });
        await Task.WhenAll(supervisor, worker);

        // The supervisor's look may be older than the worker's move to Identified; then the worker gets the event.
        Assert.All(Enumerable.Range(0, Rounds), round => Assert.NotEqual(byWorker[round], bySupervisor[round]));
        Assert.Contains(true, byWorker);
        Assert.Contains(true, bySupervisor);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenASlotUsedAgainAndAgain_WhenItIsClaimedForAnEventSeenBefore_ThenNoOtherEventIsGiven()
    {
        const int events = 300_000;
        EventJournal journal = EventJournal.Create(1);
        bool isDone = false;
        int wrong = 0;
        int claimed = 0;
        Task supervisor = Run(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                ref Slot slot = ref journal.Slot(0);
                ulong seen = slot.Word;
                // The event's number, if it is still the one that was seen.
                int number = slot.Event.ProcessId;
                if (slot.TryClaim(Claimant.Supervisor, seen))
                {
                    claimed++;
                    wrong += slot.Event.ProcessId == number ? 0 : 1;
                    slot.CompleteAnswer();
                }
            }
        });
        Task worker = Run(() =>
        {
            for (int number = 1; number <= events; number++)
            {
                ref Slot slot = ref journal.Slot(0);
                slot.BeginRead(0);
                slot.Event.ProcessId = number;
                slot.CompleteRead(0, 0);
                if (slot.TryClaim(Claimant.Worker))
                {
                    slot.CompleteAnswer();
                }

                SpinWait wait = default;
                while (slot.State != SlotState.Answered)
                {
                    wait.SpinOnce();
                }

                slot.Free();
            }

            Volatile.Write(ref isDone, true);
        });
        await Task.WhenAll(supervisor, worker);

        TestContext.Current.TestOutputHelper?.WriteLine($"{claimed} of {events} claimed by the supervisor");
        Assert.Equal(0, wrong);
    }

    private static Task Run(Action body) =>
        Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
