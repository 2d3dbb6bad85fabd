namespace Scanner.Core.Tests;

public sealed class FaultPlanTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenNoFaults_WhenEveryRoomIsEntered_ThenNothingIsThrown()
    {
        FaultPlan plan = new([]);

        foreach (Room room in Enum.GetValues<Room>())
        {
            plan.Hit(room);
        }

        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenARoom_WhenItIsEntered_ThenItThrowsEveryTimeAndNoOtherDoes()
    {
        FaultPlan plan = new(["scanning"]);

        for (int i = 0; i < 3; i++)
        {
            Exception thrown = Assert.Throws<InvalidOperationException>(() => plan.Hit(Room.Scanning));
            Assert.Contains("Scanning", thrown.Message);
        }

        plan.Hit(Room.Deciding);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenEveryThirdTime_WhenARoomIsEntered_ThenItThrowsThen()
    {
        FaultPlan plan = new(["Listening:3", "policy:1"]);

        Assert.Equal(
            [false, false, true, false, false, true],
            Enumerable.Range(0, 6).Select(_ => Record.Exception(() => plan.Hit(Room.Listening)) is not null));
        Assert.Throws<InvalidOperationException>(() => plan.Hit(Room.Policy));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenManyThreads_WhenTheyEnter_ThenExactlyEveryThirdThrows()
    {
        FaultPlan plan = new(["deciding:3"]);
        int thrown = 0;

        Parallel.For(0, 3_000, _ =>
        {
            if (Record.Exception(() => plan.Hit(Room.Deciding)) is not null)
            {
                Interlocked.Increment(ref thrown);
            }
        });

        Assert.Equal(1_000, thrown);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenARoomOfAnother_WhenThePlanIsMade_ThenItIsIgnored()
    {
        FaultPlan plan = new(["journal"]);

        Assert.All(Enum.GetValues<Room>(), plan.Hit);
        return Task.CompletedTask;
    }
}
