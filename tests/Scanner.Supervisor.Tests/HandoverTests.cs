namespace Scanner.Supervisor.Tests;

public sealed class HandoverTests
{
    [Theory(Timeout = 5_000)]
    [InlineData(0)]
    [InlineData(3)]
    public Task GivenWhatIsHandedOver_WhenItIsWrittenAndRead_ThenNothingIsLost(int groups)
    {
        Handover handover = new(
            5, 6, 1_048_575, [.. Enumerable.Range(0, groups).Select(index => (ulong.MaxValue - (ulong)index, 100 + index))]);

        Handover read = Handover.Parse(handover.ToText());

        Assert.Equal(handover.Groups, read.Groups);
        Assert.Equal(handover with { Groups = read.Groups }, read);
        return Task.CompletedTask;
    }
}
