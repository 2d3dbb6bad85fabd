using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;

namespace Scanner.Core.Tests.Scanning;

/// <summary>How much of an engine somebody gets.</summary>
public sealed class CapacityTests
{
    [Theory(Timeout = 5_000)]
    [InlineData(1, 1, 1)]
    [InlineData(4, 3, 4)]
    [InlineData(10, 8, 10)]
    [InlineData(32, 24, 32)]
    public Task GivenAnEngine_WhenUsersStartAllTheyMay_ThenNoneHasTheWholeAndTogetherTheyDo(
        int concurrency, int ofOne, int ofTwo)
    {
        Capacity capacity = new(new GatedEngine(concurrency));
        UserShare first = new(1, isRemote: false);
        UserShare second = new(2, isRemote: false);

        Assert.Equal(ofOne, StartAll(capacity, first));
        Assert.Equal(ofTwo - ofOne, StartAll(capacity, second));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(10, 2)]
    [InlineData(32, 8)]
    public Task GivenServedFiles_WhenManyUsersStartAllTheyMay_ThenTheyHaveAQuarterTogether(int concurrency, int most)
    {
        Capacity capacity = new(new GatedEngine(concurrency));

        int started = Enumerable.Range(0, 5).Sum(user => StartAll(capacity, new UserShare((uint)user, isRemote: true)));

        Assert.Equal(most, started);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(32)]
    public Task GivenServedFiles_WhenOnePlaceIsLeft_ThenTheyDoNotGetIt(int concurrency)
    {
        Capacity capacity = new(new GatedEngine(concurrency));
        UserShare remote = new(1, isRemote: true);
        for (int user = 10; user < 10 + concurrency - 1; user++)
        {
            capacity.Start(new UserShare((uint)user, isRemote: false));
        }

        Assert.False(capacity.MayStart(remote));
        Assert.True(capacity.MayStart(new UserShare(2, isRemote: false)));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(10, true)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(10, false)]
    public Task GivenAUserWhoAlsoWrites_WhenAllIsStartedThatMay_ThenAnotherUserHasAPlace(
        int concurrency, bool isWrittenFirst)
    {
        Capacity capacity = new(new GatedEngine(concurrency));
        UserShare first = new(1, isRemote: false);
        UserShare written = new(UserShare.Nobody, isRemote: false);

        StartAll(capacity, isWrittenFirst ? written : first);
        StartAll(capacity, isWrittenFirst ? first : written);

        Assert.True(first.Running > 0);
        Assert.True(capacity.MayStart(new UserShare(2, isRemote: false)));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAScanThatEnds_WhenItIsCountedOut_ThenItsPlaceIsFree()
    {
        Capacity capacity = new(new GatedEngine(1));
        UserShare first = new(1, isRemote: false);
        UserShare second = new(2, isRemote: true);
        capacity.Start(first);
        Assert.False(capacity.MayStart(second));

        capacity.End(first);

        Assert.Equal(0, first.Running);
        Assert.True(capacity.MayStart(second));
        return Task.CompletedTask;
    }

    private static int StartAll(Capacity capacity, UserShare share)
    {
        int started = 0;
        for (; capacity.MayStart(share); started++)
        {
            capacity.Start(share);
        }

        return started;
    }
}
