namespace Scanner.Core.Scanning;

/// <summary>What waits to start: of each user in order of arrival, the users in turn.</summary>
/// <param name="shareOf">Whose something is.</param>
internal sealed class FairLane<T>(Func<T, UserShare> shareOf)
    where T : class
{
    private readonly LinkedList<(UserShare Share, Queue<T> Flights)> _turns = new();
    private readonly Dictionary<UserShare, LinkedListNode<(UserShare Share, Queue<T> Flights)>> _users = [];

    public bool IsEmpty => _turns.Count == 0;

    public void Add(T flight)
    {
        if (!_users.TryGetValue(shareOf(flight), out LinkedListNode<(UserShare, Queue<T> Flights)>? turn))
        {
            turn = _turns.AddLast((shareOf(flight), new Queue<T>()));
            _users.Add(shareOf(flight), turn);
        }

        turn.Value.Flights.Enqueue(flight);
    }

    /// <summary>Takes the next flight of the first user in turn who may have another one running.</summary>
    public T? TryTake(Func<UserShare, bool> mayStart)
    {
        for (LinkedListNode<(UserShare Share, Queue<T> Flights)>? turn = _turns.First;
            turn is not null;
            turn = turn.Next)
        {
            if (mayStart(turn.Value.Share))
            {
                T flight = turn.Value.Flights.Dequeue();
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
    public List<T> TakeWhere(Func<T, bool> isOver)
    {
        List<T> over = [];
        for (LinkedListNode<(UserShare Share, Queue<T> Flights)>? turn = _turns.First; turn is not null;)
        {
            LinkedListNode<(UserShare Share, Queue<T> Flights)>? next = turn.Next;
            TakeWhere(turn, isOver, over);
            turn = next;
        }

        return over;
    }

    /// <summary>As <see cref="TakeWhere(Func{T, bool})"/>, of one user's.</summary>
    public List<T> TakeWhere(UserShare share, Func<T, bool> isOver)
    {
        List<T> over = [];
        if (_users.TryGetValue(share, out LinkedListNode<(UserShare Share, Queue<T> Flights)>? turn))
        {
            TakeWhere(turn, isOver, over);
        }

        return over;
    }

    private void TakeWhere(
        LinkedListNode<(UserShare Share, Queue<T> Flights)> turn, Func<T, bool> isOver, List<T> over)
    {
        Queue<T> flights = turn.Value.Flights;
        for (int left = flights.Count; left > 0; left--)
        {
            T flight = flights.Dequeue();
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
    }
}
