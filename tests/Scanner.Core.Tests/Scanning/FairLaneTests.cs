using Scanner.Core.Scanning;

namespace Scanner.Core.Tests.Scanning;

/// <summary>Whose turn it is.</summary>
public sealed class FairLaneTests
{
    private readonly FairLane<Item> _lane = new(item => item.Share);
    private readonly UserShare _first = new(1, isRemote: false);
    private readonly UserShare _second = new(2, isRemote: false);
    private readonly UserShare _third = new(3, isRemote: false);

    [Fact(Timeout = 5_000)]
    public Task GivenOneUser_WhenTaken_ThenTheFlightsComeInOrderOfArrival()
    {
        Add(_first, 1, 2, 3);

        Assert.Equal([1, 2, 3], TakeAll());
        Assert.True(_lane.IsEmpty);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAUserWithManyFlights_WhenOthersCome_ThenTheyTakeTurns()
    {
        Add(_first, 1, 2, 3, 4);
        Add(_second, 5, 6);
        Add(_third, 7);

        Assert.Equal([1, 5, 7, 2, 6, 3, 4], TakeAll());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAUserWhoWasServed_WhenThatUserComesBack_ThenItIsBehindTheOthers()
    {
        Add(_first, 1);
        Add(_second, 2, 3);
        Assert.Equal(1, Take());

        Add(_first, 4);

        Assert.Equal([2, 4, 3], TakeAll());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAUserWhoMayNotStart_WhenTaken_ThenTheNextOneIsServedAndTheFirstKeepsItsTurn()
    {
        Add(_first, 1, 2);
        Add(_second, 3, 4);

        Assert.Equal(3, _lane.TryTake(share => share != _first)?.Number);
        Assert.Equal([1, 4, 2], TakeAll());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenNobodyWhoMayStart_WhenTaken_ThenNothingIsAndNothingIsLost()
    {
        Add(_first, 1);

        Assert.Null(_lane.TryTake(_ => false));
        Assert.False(_lane.IsEmpty);
        Assert.Equal([1], TakeAll());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenFlightsThatAreOver_WhenTheyAreTakenOut_ThenTheOthersKeepTheirOrder()
    {
        Add(_first, 1, 2, 3);
        Add(_second, 4, 6);
        Add(_third, 5, 7);

        Assert.Equal([2, 4, 6], Indexes(_lane.TakeWhere(flight => flight.Number % 2 == 0)));

        Assert.Equal([1, 5, 3, 7], TakeAll());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAUserWhoseFlightsWereAllTakenOut_WhenThatUserComesBack_ThenItIsServed()
    {
        Add(_first, 1, 2);

        Assert.Equal([1, 2], Indexes(_lane.TakeWhere(_ => true)));
        Assert.True(_lane.IsEmpty);
        Add(_first, 3);

        Assert.Equal([3], TakeAll());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenFlightsOfSeveralUsers_WhenThoseOfOneAreTakenOut_ThenOnlyThatUsersAreLookedAt()
    {
        Add(_first, 1, 2, 3);
        Add(_second, 4, 5);
        List<int> seen = [];

        Assert.Equal([2, 3], Indexes(_lane.TakeWhere(_first, flight =>
        {
            seen.Add(flight.Number);
            return flight.Number > 1;
        })));

        Assert.Equal([1, 2, 3], seen);
        Assert.Empty(_lane.TakeWhere(_third, _ => true));
        Assert.Equal([1, 4, 5], TakeAll());
        return Task.CompletedTask;
    }

    private void Add(UserShare share, params int[] indexes)
    {
        foreach (int index in indexes)
        {
            _lane.Add(new Item(index, share));
        }
    }

    private int? Take() => _lane.TryTake(_ => true)?.Number;

    private List<int> TakeAll()
    {
        List<int> taken = [];
        while (Take() is int index)
        {
            taken.Add(index);
        }

        return taken;
    }

    private static IEnumerable<int> Indexes(IEnumerable<Item> flights) =>
        flights.Select(flight => flight.Number);

    private sealed record Item(int Number, UserShare Share);
}
