using Scanner.Linux;

namespace Scanner.Supervisor.Tests;

public sealed class WorkerBudgetTests
{
    private const long Second = 1_000 * Clock.NanosecondsPerMillisecond;
    private const long Start = 1_000_000 * Second;

    [Fact(Timeout = 5_000)]
    public Task GivenAWorkerThatHasDied_WhenNoneIsReadyForTooLong_ThenItIsExhausted()
    {
        WorkerBudget budget = new(10 * Second, mostDeaths: 5);

        _ = budget.OnDeath(Start, wasReady: true);

        Assert.False(budget.IsExhausted(Start + (10 * Second)));
        Assert.True(budget.IsExhausted(Start + (11 * Second)));
        budget.OnReady(Start + (12 * Second));
        Assert.False(budget.IsExhausted(Start + (60 * Second)));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(4, 1, false)]
    [InlineData(5, 1, true)]
    [InlineData(5, 14, true)]
    [InlineData(5, 15, false)]
    [InlineData(20, 15, false)]
    [InlineData(20, 12, true)]
    public Task GivenReadyWorkersThatDieEverySoManySeconds_WhenTheyAreCounted_ThenFiveAMinuteAreTooMany(
        int deaths, int seconds, bool isExhausted)
    {
        WorkerBudget budget = new(10 * Second, mostDeaths: 5);
        long now = Start;
        for (int death = 0; death < deaths; death++)
        {
            now = Start + (death * seconds * Second);
            budget.OnReady(now);
            _ = budget.OnDeath(now, wasReady: true);
        }

        Assert.Equal(isExhausted, budget.IsExhausted(now));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenWorkersThatDieBeforeTheyAreReady_WhenTheyAreStartedAgain_ThenThePausesGrow()
    {
        WorkerBudget budget = new(10 * Second, mostDeaths: 5);

        Assert.Equal(0, budget.OnDeath(Start, wasReady: true));
        long[] pauses = [.. Enumerable.Range(1, 8).Select(i => budget.OnDeath(Start + (i * Second), wasReady: false))];

        Assert.Equal(Second / 2, pauses[0]);
        Assert.Equal(30 * Second, pauses[^1]);
        Assert.Equal(pauses.Order(), pauses);

        // Ready for more than a minute after the last death: what was is forgotten.
        budget.OnReady(Start + (100 * Second));
        Assert.Equal(0, budget.OnDeath(Start + (101 * Second), wasReady: true));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAWorkerThatDiesTheLastTimeOfItsBudget_WhenItWasReady_ThenThereIsAPauseAllTheSame()
    {
        WorkerBudget budget = new(10 * Second, mostDeaths: 2);

        Assert.Equal(0, budget.OnDeath(Start, wasReady: true));
        Assert.Equal(Second / 2, budget.OnDeath(Start + 1, wasReady: true));
        Assert.Equal(Second, budget.OnDeath(Start + 2, wasReady: true));
        return Task.CompletedTask;
    }
}
