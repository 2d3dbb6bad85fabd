using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Scanning;

/// <summary>What becomes of an event that comes while its file's scan is being given up.</summary>
[Collection(MarksCollection.Name)]
public sealed class ScanQueueTests
{
    private const long Deadline = 1_000;

    [Theory(Timeout = 10_000)]
    [InlineData(false)]
    [InlineData(true)]
    public Task GivenAFlightThatNobodyWaitsForAnyMore_WhenTheFileIsOpenedAgain_ThenTheNewOpenIsNotAnsweredWithIt(
        bool isStarted) => Blocking.Run(() =>
    {
        Requires.Root();
        using Rooms rooms = new();
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        ScanQueue queue = new(rooms.Journal, new GatedEngine(1), Deadline, () => { });
        Assert.True(queue.TryAdd(Ask(rooms, group, deadline: Clock.Now), user: 1));
        ScanFlight overdue = isStarted ? queue.TryTakeNext()! : Assert.Single(queue.TakeOverdue(Clock.Now));
        Assert.True(!isStarted || overdue.TryGiveUp(rooms.Journal, Clock.Now));

        WaitingEvent late = Ask(rooms, group, deadline: long.MaxValue);
        Assert.True(queue.TryAdd(late, user: 1));

        Assert.Empty(overdue.Seal(rooms.Known, out IReadOnlyList<WaitingEvent> answered));
        Assert.Empty(answered);
        queue.End(overdue, []);
        if (isStarted)
        {
            overdue.GiveBack();
        }

        Assert.Same(late, queue.TryTakeNext()!.Leader);
    });

    /// <summary>Also at the starts at which opened files go before executions.</summary>
    [Fact(Timeout = 10_000)]
    public Task GivenFilesThatWereWritten_WhenNobodyElseWaits_ThenEachIsNext() => Blocking.Run(() =>
    {
        Requires.Root();
        using Rooms rooms = new();
        using WatchedGroup group = rooms.Group(FilesystemKind.Local);
        ScanQueue queue = new(rooms.Journal, new GatedEngine(1), Deadline, () => { });
        for (int i = 0; i < 10; i++)
        {
            Descriptor file = Descriptor.OpenRead("/proc/self/comm");
            Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
            int ends = 0;
            queue.Add(new WrittenFile(group, file, status, long.MaxValue, _ => ends++));

            ScanFlight flight = queue.TryTakeNext()!;
            queue.End(flight, []);
            flight.Written!.End(hasVerdict: true);
            flight.GiveBack();
            Assert.Equal(1, ends);
        }
    });

    private static WaitingEvent Ask(Rooms rooms, WatchedGroup group, long deadline)
    {
        using Descriptor file = Descriptor.OpenRead("/proc/self/comm");
        Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        int index = rooms.Pool.TryTake();
        ref Slot slot = ref rooms.Journal.Slot(index);
        slot.BeginRead(0);
        slot.CompleteRead(Clock.Now, deadline);
        rooms.Waiting[index].Begin(group, status, isRecovered: true);
        return rooms.Waiting[index];
    }
}
