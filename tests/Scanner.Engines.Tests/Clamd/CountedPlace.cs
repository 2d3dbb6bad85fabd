using Scanner.Core.Scanning;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Counts how often a place is kept beyond the end of its scan.</summary>
internal sealed class CountedPlace : IScanPlace
{
    private int _kept;

    public int Kept => Volatile.Read(ref _kept);

    public void Keep() => Interlocked.Increment(ref _kept);

    public void GiveBack() => Interlocked.Decrement(ref _kept);
}
