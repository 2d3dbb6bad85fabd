namespace Scanner.Journal.Tests;

/// <summary>Shared numbers stand where no event's descriptor can ever come.</summary>
public sealed class DescriptorPlanTests
{
    public static TheoryData<long> Limits() => [DescriptorPlan.MinimumLimit, 4_096, 20_000, 1_000_000, long.MaxValue];

    [Theory(Timeout = 5_000)]
    [MemberData(nameof(Limits))]
    public Task GivenALimit_WhenItIsLaidOut_ThenEveryNumberIsBelowIt(long limit)
    {
        DescriptorPlan plan = DescriptorPlan.For(limit);

        Assert.True(plan.Limit <= limit);
        Assert.All(Shared(plan), number => Assert.InRange(number, plan.First, plan.Limit - 1));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [MemberData(nameof(Limits))]
    public Task GivenALimit_WhenItIsLaidOut_ThenNoTwoThingsShareANumber(long limit)
    {
        List<int> shared = Shared(DescriptorPlan.For(limit));

        Assert.Equal(shared.Count, shared.Distinct().Count());
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [MemberData(nameof(Limits))]
    public Task GivenALimit_WhenEverySlotIsInUse_ThenItsDescriptorsFitBelowTheSharedOnes(long limit)
    {
        DescriptorPlan plan = DescriptorPlan.For(limit);

        Assert.True(plan.SlotCount > 0);
        Assert.True((plan.SlotCount * 2) + DescriptorPlan.OwnDescriptors <= plan.First);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(DescriptorPlan.MinimumLimit, DescriptorPlan.MinimumLimit)]
    [InlineData(10_000, 10_000)]
    [InlineData(1_000_000, 16_776)]
    public Task GivenALimit_WhenItIsLaidOut_ThenNoMoreIsTakenThanIsOfUse(long limit, int taken)
    {
        Assert.Equal(taken, DescriptorPlan.For(limit).Limit);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAPlan_WhenAnotherProcessParsesIt_ThenItIsTheSame()
    {
        DescriptorPlan plan = DescriptorPlan.For(20_000);

        Assert.Equal(plan, DescriptorPlan.Parse(plan.ToString()));
        return Task.CompletedTask;
    }

    private static List<int> Shared(DescriptorPlan plan) =>
    [
        plan.Journal, plan.Control, plan.HostMountTable, plan.HostRoot, plan.HostNamespace, plan.Leases,
        .. Enumerable.Range(0, EventJournal.MaxGroups).Select(plan.Group),
    ];
}
