namespace Scanner.Journal.Tests;

public sealed class LeaseStatusTests
{
    private readonly EventJournal _journal = EventJournal.Create(1);

    private ref LeaseStatus Status => ref _journal.Header.Leases;

    [Fact(Timeout = 5_000)]
    public Task GivenCounters_WhenCounted_ThenEachKeepsItsOwn()
    {
        LeaseCounter[] counters = Enum.GetValues<LeaseCounter>();
        foreach (LeaseCounter counter in counters)
        {
            Status.Count(counter);
            Status.Count(counter, (int)counter);
        }

        Assert.All(counters, counter => Assert.Equal(1 + (int)counter, Status[counter]));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenBrokenLeases_WhenCounted_ThenTheirSumAndTheLongestAreKept()
    {
        Status.CountBreak(5);
        Status.CountBreak(9);
        Status.CountBreak(2);

        Assert.Equal(
            (3, 16, 9),
            (Status[LeaseCounter.Broken], Status[LeaseCounter.BreakNanoseconds],
                Status[LeaseCounter.LongestBreakNanoseconds]));
        return Task.CompletedTask;
    }
}
