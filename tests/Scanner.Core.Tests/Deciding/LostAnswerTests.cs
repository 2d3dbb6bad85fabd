using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Core.Tests.Deciding;

/// <summary>
/// Answers brought at the very same moment, and none after them that could take a forgotten one along.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class LostAnswerTests
{
    [Theory(Timeout = 60_000)]
    [InlineData(2, 40_000)]
    [InlineData(4, 5_000)]
    public Task GivenThreadsThatAnswerTogether_WhenNoOtherAnswerFollows_ThenNoneIsLeftWithTheQueue(
        int submitters, int rounds) => Blocking.Run(() =>
    {
        Requires.Root();
        using Rooms rooms = new(submitters);
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        int lost = 0;
        int arrived = 0;

        // Whoever comes last looks: everybody has submitted, and nobody submits.
        using Barrier end = new(submitters, _ => lost += CountAnswering(rooms));
        Thread[] threads = [.. Enumerable.Range(0, submitters).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < rounds && Volatile.Read(ref lost) == 0; round++)
            {
                int index = Decide(rooms, group);

                // Awake when the moment comes: threads that have to be woken are never at it together.
                Interlocked.Increment(ref arrived);
                for (int spins = 1; Volatile.Read(ref arrived) < (round + 1) * submitters; spins++)
                {
                    if (spins % 1_000 == 0)
                    {
                        Thread.Yield();
                    }
                }

                group.Replies.Submit(index);
                end.SignalAndWait();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(0, lost);
    });

    /// <summary>
    /// A slot that waits for its answer to be written. There is no such event, which the kernel does not mind.
    /// </summary>
    private static int Decide(Rooms rooms, WatchedGroup group)
    {
        int index = rooms.Pool.TryTake();
        ref Slot slot = ref rooms.Journal.Slot(index);
        slot.BeginRead(0);
        slot.Event.Descriptor = 1_000_000;
        slot.CompleteRead(0, long.MaxValue);
        rooms.Waiting[index].Begin(group, status: null, isRecovered: true);
        slot.TryClaim(Claimant.Worker);
        slot.Decide(Access.Allow, FailureReason.None);
        group.Replies.Expect();
        return index;
    }

    private static int CountAnswering(Rooms rooms) =>
        Enumerable.Range(0, rooms.Journal.SlotCount).Count(index => rooms.Journal.Slot(index).State != SlotState.Free);
}
