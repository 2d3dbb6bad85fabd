using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Sockets;
using Scanner.Supervisor.Tests.Fixtures;
using Scanner.Testing;

namespace Scanner.Supervisor.Tests;

/// <summary>What a worker may ask for, and what it may not.</summary>
[Collection(MarksCollection.Name)]
public sealed class GroupKeeperTests
{
    private const int Rounds = 6;

    private static readonly ControlMessage s_open = new(ControlMessageKind.OpenGroup, 0, 42);
    private static readonly ControlMessage s_replace = new(ControlMessageKind.ReplaceGroup, 0, 42);

    [Fact(Timeout = 10_000)]
    public Task GivenAWorker_WhenItAsksForAGroup_ThenItGetsOneAndTheJournalSaysWhatFor()
    {
        Requires.Root();
        using Keeper keeper = new();

        (ControlMessage answer, bool hasGroup) = keeper.Ask(s_open);

        Assert.Equal(new ControlMessage(ControlMessageKind.Done, 0, 42), answer);
        Assert.True(hasGroup);
        Assert.Single(keeper.Groups.Open);
        Assert.True(Descriptor.IsOpen(keeper.Plan.Group(0)));
        Assert.Equal((true, 42UL), (keeper.Journal.Group(0).IsOpen, keeper.Journal.Group(0).Key));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAProcessThatIsNotTheWorker_WhenItAsks_ThenItIsRefused()
    {
        Requires.Root();
        using Keeper keeper = new();

        (ControlMessage answer, bool hasGroup) = keeper.Ask(s_open, isWorker: false);

        Assert.Equal(ControlMessageKind.Refused, answer.Kind);
        Assert.False(hasGroup);
        Assert.Empty(keeper.Groups.Open);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAProcessThatIsNotTheWorker_WhenItAsksToCloseAGroup_ThenTheGroupStays()
    {
        Requires.Root();
        using Keeper keeper = new();
        keeper.OpenGroup(1);

        (ControlMessage answer, _) =
            keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, 0, 0), isWorker: false);

        Assert.Equal(ControlMessageKind.Refused, answer.Kind);
        Assert.Single(keeper.Groups.Open);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenManyGroups_WhenOneHasReplacedAnother_ThenAHandoverHasToWaitUntilThatIsClosed()
    {
        Requires.Root();
        using Keeper keeper = new();
        for (ulong key = 1; key <= 48; key++)
        {
            keeper.OpenGroup(key);
        }

        // The first hand-over may take what there is.
        Assert.False(keeper.Groups.IsCrowded);
        (ControlMessage answer, _) = keeper.Ask(new ControlMessage(ControlMessageKind.ReplaceGroup, 0, 1));
        Assert.Equal(ControlMessageKind.Done, answer.Kind);
        Assert.True(keeper.Groups.IsCrowded);
        keeper.Groups.CloseGroup(0);
        Assert.False(keeper.Groups.IsCrowded);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData(1)]
    [InlineData(15)]
    public Task GivenAMessageThatIsTooShort_WhenItComes_ThenItIsRefused(int length)
    {
        using Keeper keeper = new();

        (ControlMessage answer, bool hasGroup) = keeper.Ask(MemoryMarshal.AsBytes(
            new ReadOnlySpan<ControlMessage>(in s_open))[..length]);

        Assert.Equal(ControlMessageKind.Refused, answer.Kind);
        Assert.False(hasGroup);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(99)]
    [InlineData(-1)]
    public Task GivenAMessageOfAnUnknownKind_WhenItComes_ThenItIsRefused(int kind)
    {
        using Keeper keeper = new();

        Assert.Equal(
            ControlMessageKind.Refused, keeper.Ask(new ControlMessage((ControlMessageKind)kind, 0, 0)).Answer.Kind);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAMessageThatIsTooLong_WhenItComes_ThenTheWorkerIsNotListenedToAnyMore()
    {
        using Keeper keeper = new();

        Assert.False(keeper.Send(new byte[ControlSocket.MaxMessageBytes]));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 10_000)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(EventJournal.MaxGroups)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public Task GivenAGroupThatIsNotOpen_WhenItIsToBeClosed_ThenThatIsRefused(int index)
    {
        Requires.Root();
        using Keeper keeper = new();
        keeper.OpenGroup(1);

        (ControlMessage answer, _) = keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, index, 0));

        Assert.Equal(new ControlMessage(ControlMessageKind.Refused, index, (ulong)Errno.EBADF), answer);
        Assert.Single(keeper.Groups.Open);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAClosedGroup_WhenAnotherIsOpened_ThenItTakesTheIndexInANewGeneration()
    {
        Requires.Root();
        using Keeper keeper = new();
        keeper.OpenGroup(1);
        keeper.OpenGroup(2);
        int generation = keeper.Journal.Group(0).Generation;

        Assert.Equal(
            ControlMessageKind.Done, keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, 0, 0)).Answer.Kind);
        Assert.False(keeper.Journal.Group(0).IsOpen);
        Assert.Single(keeper.Groups.Open);
        Assert.True(SpinWait.SpinUntil(() => !Descriptor.IsOpen(keeper.Plan.Group(0)), 5_000));

        Assert.Equal(0, keeper.OpenGroup(3).Index);
        Assert.Equal((3UL, generation + 1), (keeper.Journal.Group(0).Key, keeper.Journal.Group(0).Generation));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAWorkerThatHasDied_WhenItsSocketIsRead_ThenTheKeeperSaysSoAndKeepsTheGroups()
    {
        Requires.Root();
        using Keeper keeper = new();
        keeper.OpenGroup(1);

        Assert.False(keeper.Die());

        Assert.Single(keeper.Groups.Open);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 10_000)]
    public Task GivenAsManyGroupsAsThereMayBe_WhenOneMoreIsAskedFor_ThenItIsRefusedAndTheOthersStay()
    {
        Requires.Root();
        using Keeper keeper = new();

        ControlMessage answer;
        int opened = 0;
        // The kernel's limit counts the groups of every process of this user, so it may come first.
        while ((answer = keeper.Ask(s_open).Answer).Kind == ControlMessageKind.Done)
        {
            opened++;
        }

        Assert.Equal((ControlMessageKind.Refused, (ulong)Errno.EMFILE), (answer.Kind, answer.Key));
        Assert.InRange(opened, 1, EventJournal.MaxGroups);
        Assert.Equal(opened, keeper.Groups.Open.Count());
        keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, 0, 0));
        Assert.True(SpinWait.SpinUntil(() => keeper.Ask(s_open).Answer.Kind == ControlMessageKind.Done, 5_000));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 60_000)]
    public Task GivenAsManyGroupsAsThereMayBe_WhenOneIsReplaced_ThenThereIsOneForItAgainAndAgain()
    {
        Requires.Root();
        using Keeper keeper = new();
        List<int> open = [];
        (ControlMessage Answer, bool HasGroup) last;
        while ((last = keeper.Ask(s_open)).HasGroup)
        {
            open.Add(last.Answer.Group);
        }

        for (int round = 0; round < 3; round++)
        {
            ControlMessage replaced = keeper.Ask(s_replace).Answer;
            Assert.Equal(ControlMessageKind.Done, replaced.Kind);
            Assert.Equal(ControlMessageKind.Refused, keeper.Ask(s_replace).Answer.Kind);
            Assert.Equal(ControlMessageKind.Refused, keeper.Ask(s_open).Answer.Kind);

            // The one that it has taken the place of goes; nobody else gets its room.
            keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, open[round], 0));
            Assert.True(SpinWait.SpinUntil(() => !Descriptor.IsOpen(keeper.Plan.Group(open[round])), 5_000));
            Assert.Equal(ControlMessageKind.Refused, keeper.Ask(s_open).Answer.Kind);
            Assert.Equal(open.Count, keeper.Groups.Open.Count());
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 30_000)]
    public Task GivenAGroupThatAnOpenHoldsOnTo_WhenItIsToBeClosed_ThenTheKeeperGoesOnMeanwhile() => Blocking.Run(() =>
    {
        using Keeper keeper = new();
        using TestMount mount = TestMount.Tmpfs();
        using Descriptor here = Descriptor.OpenPath("/");
        string path = mount.Write("file", "content");
        using Descriptor file = Descriptor.OpenRead(path);
        int held = 0;

        // Whose turn it is first, and so who holds on to whose mark, depends on where the kernel has them.
        for (int round = 0; round < Rounds; round++)
        {
            (int old, FanotifyGroup oldGroup) = keeper.OpenGroup(1);
            (int index, FanotifyGroup group) = keeper.OpenGroup(1);
            using EventReader reader = new(group);
            Assert.Equal(Errno.None, oldGroup.TryPassUnasked(file.Content));
            group.MarkFilesystem(EventMask.OpenPermission, here, mount.RootPath);
            using Opener opener = Opener.Cat(path);
            EventMetadata pending = reader.Next();

            keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, old, 0));
            Thread.Sleep(100);
            int another = keeper.OpenGroup(2).Index;
            held += another == old ? 0 : 1;

            reader.Answer(pending, Access.Deny);
            Assert.True(opener.Result().WasDenied);
            keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, index, 0));
            keeper.Ask(new ControlMessage(ControlMessageKind.CloseGroup, another, 0));
            Thread.Sleep(100);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{held} of {Rounds} were held");
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAGroupThatIsGone_WhenItsEventsAreAnswered_ThenNothingHappens()
    {
        using Keeper keeper = new();

        keeper.Groups.Reply(5, [new FanotifyResponse(3, Access.Allow)]);
        return Task.CompletedTask;
    }
}
