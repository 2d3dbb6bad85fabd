using Scanner.Journal;
using Scanner.Linux.Fanotify;
using Scanner.Supervisor.Tests.Fixtures;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests;

[Collection(MarksCollection.Name)]
public sealed class AnswerBatchTests
{
    /// <summary>More than two system calls take.</summary>
    private const int Slots = (2 * FanotifyGroup.MaxResponses) + 100;

    [Fact(Timeout = 30_000)]
    public Task GivenOpensOfTwoGroups_WhenTheyAreAddedInTurn_ThenEachGroupGetsItsAnswers() => Blocking.Run(() =>
    {
        using Keeper keeper = new();
        using WatchedMount first = new(keeper, 1);
        using WatchedMount second = new(keeper, 2);
        Opener[] openers =
        [
            first.OpenInto(0, SlotState.Answering), second.OpenInto(1, SlotState.Answering),
            first.OpenInto(2, SlotState.Answering), second.OpenInto(3, SlotState.Answering),
        ];
        AnswerBatch batch = new(keeper.Journal, keeper.Groups);

        for (int index = 0; index < openers.Length; index++)
        {
            keeper.Journal.Slot(index).Decide(index < 2 ? Access.Deny : Access.Allow, FailureReason.None);
            batch.Add(index);
        }

        batch.Flush();

        Assert.Equal([true, true, false, false], openers.Select(opener => opener.Result().WasDenied));
        Assert.All(Enumerable.Range(0, 4), index => Assert.Equal(SlotState.Answered, keeper.Journal.Slot(index).State));
    });

    [Fact(Timeout = 30_000)]
    public Task GivenMoreSlotsThanASystemCallTakes_WhenTheyAreAnswered_ThenNoneIsForgotten() => Blocking.Run(() =>
    {
        using Keeper keeper = new(Slots);
        using WatchedMount mount = new(keeper);
        // Nobody waits for most of them any more: their openers were killed. The kernel says so, one by one.
        EventMetadata gone = new() { Version = 3, Mask = EventMask.OpenPermission, Descriptor = 1_000_000 };
        Dictionary<int, Opener> openers = [];
        foreach (int index in (int[])[0, FanotifyGroup.MaxResponses - 1, FanotifyGroup.MaxResponses, Slots - 1])
        {
            openers.Add(index, mount.OpenInto(index, SlotState.Answering));
        }

        AnswerBatch batch = new(keeper.Journal, keeper.Groups);
        for (int index = 0; index < Slots; index++)
        {
            if (!openers.ContainsKey(index))
            {
                keeper.Bring(index, SlotState.Answering, mount.Index, gone);
            }

            keeper.Journal.Slot(index).Decide(Access.Deny, FailureReason.None);
            batch.Add(index);
        }

        batch.Flush();

        Assert.All(openers.Values, opener => Assert.True(opener.Result().WasDenied));
        Assert.All(
            Enumerable.Range(0, Slots), index => Assert.Equal(SlotState.Answered, keeper.Journal.Slot(index).State));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAFullBatch_WhenOneMoreIsAdded_ThenTheOthersAreWrittenAtOnce()
    {
        using Keeper keeper = new(Slots);
        AnswerBatch batch = new(keeper.Journal, keeper.Groups);
        for (int index = 0; index <= FanotifyGroup.MaxResponses; index++)
        {
            keeper.Bring(index, SlotState.Answering);
            keeper.Journal.Slot(index).Decide(Access.Deny, FailureReason.None);
            batch.Add(index);
        }

        Assert.Equal(SlotState.Answered, keeper.Journal.Slot(FanotifyGroup.MaxResponses - 1).State);
        Assert.Equal(SlotState.Answering, keeper.Journal.Slot(FanotifyGroup.MaxResponses).State);
        batch.Flush();
        batch.Flush();
        Assert.Equal(SlotState.Answered, keeper.Journal.Slot(FanotifyGroup.MaxResponses).State);
        return Task.CompletedTask;
    }
}
