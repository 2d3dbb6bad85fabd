namespace Scanner.Core.Scanning;

/// <summary>Flights that wait to start: of each user in order of arrival, the users in turn.</summary>
internal sealed class FairLane
{
    private readonly LinkedList<(UserShare Share, Queue<ScanFlight> Flights)> _turns = new();
    private readonly Dictionary<UserShare, LinkedListNode<(UserShare Share, Queue<ScanFlight> Flights)>> _users = [];

    public bool IsEmpty => _turns.Count == 0;

    public void Add(ScanFlight flight)
    {
        if (!_users.TryGetValue(flight.Share, out LinkedListNode<(UserShare, Queue<ScanFlight> Flights)>? turn))
        {
            turn = _turns.AddLast((flight.Share, new Queue<ScanFlight>()));
            _users.Add(flight.Share, turn);
        }

        turn.Value.Flights.Enqueue(flight);
    }

    /// <summary>Takes the next flight of the first user in turn who may have another one running.</summary>
    public ScanFlight? TryTake(Func<UserShare, bool> mayStart)
    {
        for (LinkedListNode<(UserShare Share, Queue<ScanFlight> Flights)>? turn = _turns.First;
            turn is not null;
            turn = turn.Next)
        {
            if (mayStart(turn.Value.Share))
            {
                ScanFlight flight = turn.Value.Flights.Dequeue();
                _turns.Remove(turn);
                if (turn.Value.Flights.Count > 0)
                {
                    _turns.AddLast(turn);
                }
                else
                {
                    _users.Remove(turn.Value.Share);
                }

                return flight;
            }
        }

        return null;
    }

    /// <summary>Takes out every flight that nobody waits for any more.</summary>
    public List<ScanFlight> TakeWhere(Func<ScanFlight, bool> isOver)
    {
        List<ScanFlight> over = [];
        for (LinkedListNode<(UserShare Share, Queue<ScanFlight> Flights)>? turn = _turns.First; turn is not null;)
        {
            LinkedListNode<(UserShare Share, Queue<ScanFlight> Flights)>? next = turn.Next;
            Queue<ScanFlight> flights = turn.Value.Flights;
            for (int left = flights.Count; left > 0; left--)
            {
                ScanFlight flight = flights.Dequeue();
                if (isOver(flight))
                {
                    over.Add(flight);
                }
                else
                {
                    flights.Enqueue(flight);
                }
            }

            if (flights.Count == 0)
            {
                _turns.Remove(turn);
                _users.Remove(turn.Value.Share);
            }

            turn = next;
        }

        return over;
    }
}
