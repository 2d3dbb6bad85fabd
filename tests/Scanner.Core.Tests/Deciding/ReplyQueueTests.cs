using System.Collections.Concurrent;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Core.Tests.Deciding;

/// <summary>Answers that come from many threads at once.</summary>
[Collection(MarksCollection.Name)]
public sealed class ReplyQueueTests
{
    private const int Openers = 40;
    private const int Submitters = 4;

    [Fact(Timeout = 60_000)]
    public Task GivenManySubmitters_WhenTheyAnswerOpensThatWait_ThenEachGetsItsOwnAnswer() => Blocking.Run(() =>
    {
        using Rooms rooms = new();
        using TestMount mount = TestMount.Tmpfs();
        string[] files = [.. Enumerable.Range(0, Openers).Select(i => mount.Write($"{i}", $"{i}"))];
        using MarkedMount marked = new(mount);
        using WatchedGroup group = new(
            0, marked.Group, FilesystemPlan.Unknown(1), rooms.Tools);
        List<Opener> openers = [];
        try
        {
            ConcurrentQueue<int> slots = new();
            Dictionary<int, Access> expected = [];
            for (int i = 0; i < Openers; i++)
            {
                openers.Add(Opener.Cat(files[i]));
                int slot = Read(rooms, marked, group);
                expected.Add(openers[i].ProcessId, i % 3 == 0 ? Access.Deny : Access.Allow);
                ref Slot decided = ref rooms.Journal.Slot(slot);
                Assert.True(decided.TryClaim(Claimant.Worker));
                decided.Decide(expected[decided.Event.ProcessId], FailureReason.None);
                group.Replies.Expect();
                slots.Enqueue(slot);
            }

            Submit(slots, group);

            Assert.All(
                openers,
                opener => Assert.Equal(expected[opener.ProcessId] == Access.Deny, opener.Result().WasDenied));
            AssertAllFree(rooms);
        }
        finally
        {
            openers.ForEach(opener => opener.Dispose());
        }
    });

    [Fact(Timeout = 60_000)]
    public Task GivenSlotsThatAreUsedAgainAndAgain_WhenManyThreadsAnswer_ThenEachIsGivenBackOnce() => Blocking.Run(() =>
    {
        Requires.Root();
        const int slots = 16;
        using Rooms rooms = new(slots);
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        int[] owners = new int[slots];
        int wrong = 0;

        Parallel.For(0, Submitters, new ParallelOptions { MaxDegreeOfParallelism = Submitters }, _ =>
        {
            for (int round = 0; round < 20_000; round++)
            {
                int index = rooms.Pool.TryTake();
                if (index < 0)
                {
                    Thread.Yield();
                    continue;
                }

                // A slot taken while its last answer is still with the queue would be answered twice.
                wrong += Interlocked.Exchange(ref owners[index], 1);
                Decide(rooms, group, index, Access.Allow);
                Volatile.Write(ref owners[index], 0);
                group.Replies.Expect();
                Submit(index, group);
            }
        });

        Assert.Equal(0, wrong);
        AssertAllFree(rooms);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenMoreAnswersThanASystemCallTakes_WhenTheyAreSubmitted_ThenEveryOneIsWritten() => Blocking.Run(() =>
    {
        Requires.Root();
        using Rooms rooms = new(FanotifyGroup.MaxResponses + 200);
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        ConcurrentQueue<int> slots = new();
        for (int index = rooms.Pool.TryTake(); index >= 0; index = rooms.Pool.TryTake())
        {
            Decide(rooms, group, index, Access.Deny);
            group.Replies.Expect();
            slots.Enqueue(index);
        }

        Submit(slots, group);

        AssertAllFree(rooms);
    });

    /// <summary>Makes up an event that nobody waits for, and its answer.</summary>
    private static void Decide(Rooms rooms, WatchedGroup group, int index, Access access)
    {
        ref Slot slot = ref rooms.Journal.Slot(index);
        slot.BeginRead(0);
        slot.Event.Descriptor = 1_000_000;
        slot.CompleteRead(0, long.MaxValue);
        rooms.Waiting[index].Begin(group, status: null, isRecovered: true);
        slot.TryClaim(Claimant.Worker);
        slot.Decide(access, FailureReason.None);
    }

    private static int Read(Rooms rooms, MarkedMount marked, WatchedGroup group)
    {
        EventMetadata metadata = marked.Reader.Next();
        int index = rooms.Pool.TryTake();
        ref Slot slot = ref rooms.Journal.Slot(index);
        slot.BeginRead(group.Index);
        slot.Event = metadata;
        slot.CompleteRead(Clock.Now, long.MaxValue);
        rooms.Waiting[index].Begin(group, status: null, isRecovered: false);
        return index;
    }

    private static void Submit(ConcurrentQueue<int> slots, WatchedGroup group) =>
        Parallel.For(0, Submitters, new ParallelOptions { MaxDegreeOfParallelism = Submitters }, _ =>
        {
            while (slots.TryDequeue(out int index))
            {
                Submit(index, group);
            }
        });

    /// <summary>Some as whoever scans, some as a reader.</summary>
    private static void Submit(int index, WatchedGroup group)
    {
        if (index % 3 == 0)
        {
            group.Replies.SubmitHere(index);
        }
        else
        {
            group.Replies.Submit(index);
        }
    }

    private static void AssertAllFree(Rooms rooms)
    {
        // Where many wait, a thread of the pool writes what is submitted.
        int slots = rooms.Journal.SlotCount;
        Assert.True(SpinWait.SpinUntil(
            () => Enumerable.Range(0, slots).All(index => rooms.Journal.Slot(index).State == SlotState.Free), 10_000));
        Assert.Equal(Enumerable.Range(0, slots), Enumerable.Range(0, slots).Select(_ => rooms.Pool.TryTake()).Order());
        Assert.Equal(-1, rooms.Pool.TryTake());
    }
}
