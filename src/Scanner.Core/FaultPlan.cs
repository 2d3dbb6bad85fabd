using System.Globalization;

namespace Scanner.Core;

/// <summary>Throws where the tests ask for it, to prove that no bug of ours leaves an opener hanging.</summary>
public sealed class FaultPlan
{
    private readonly int[] _every = new int[Enum.GetValues<Room>().Length];
    private readonly int[] _hits = new int[Enum.GetValues<Room>().Length];

    /// <param name="faults">As <c>ROOM</c> or <c>ROOM:N</c>; unknown rooms belong to others and are ignored.</param>
    public FaultPlan(IEnumerable<string> faults)
    {
        foreach (string fault in faults)
        {
            string[] parts = fault.Split(':');
            if (Enum.TryParse(parts[0], ignoreCase: true, out Room room))
            {
                _every[(int)room] = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
            }
        }
    }

    /// <summary>Whether a room is to throw at all.</summary>
    public bool Concerns(Room room) => _every[(int)room] > 0;

    /// <exception cref="InvalidOperationException">It is this room's turn.</exception>
    public void Hit(Room room)
    {
        int every = _every[(int)room];
        if (every > 0 && Interlocked.Increment(ref _hits[(int)room]) % every == 0)
        {
            throw new InvalidOperationException($"A fault was asked for in {room}.");
        }
    }
}
