using Scanner.Core.Policy;

namespace Scanner.Core.Tests.Policy;

public sealed class DeadlineRuleTests
{
    [Theory(Timeout = 5_000)]
    [InlineData(5, 0, 5)]
    [InlineData(5, 20_000_000, 6)]
    [InlineData(5, 30_000_000, 6.5)]
    [InlineData(5, 1_100_000_000, 60)]
    [InlineData(5, 5_000_000_000, 60)]
    [InlineData(5, long.MaxValue, 60)]
    [InlineData(0.1, 0, 0.1)]
    [InlineData(600, 0, 600)]
    [InlineData(600, 5_000_000_000, 600)]
    public Task GivenABaseAndASize_WhenAsked_ThenTheDeadlineGrowsUpToTheCap(double seconds, long size, double expected)
    {
        DeadlineRule rule = new(TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected * 1e9, rule.NanosecondsFor(size), tolerance: 1);
        return Task.CompletedTask;
    }
}
