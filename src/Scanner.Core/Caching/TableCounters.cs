namespace Scanner.Core.Caching;

/// <summary>The counters of a verdict table, exact and cheap to count on many threads at once.</summary>
/// <remarks>
/// Threads count in stripes of their own, as far as there are enough: a counter shared by all readers would send its
/// cache line from CPU to CPU with every look-up.
/// </remarks>
internal sealed class TableCounters
{
    private const int Stripes = 16;

    /// <summary>Counters in a stripe: two cache lines, so that two stripes share none that is often used.</summary>
    private const int StripeLength = 16;

    private static readonly int s_firstReason = Enum.GetValues<TableCounter>().Length;

    private readonly long[] _counts = new long[Stripes * StripeLength];

    public long this[TableCounter counter] => Sum((int)counter);

    /// <summary>Verdicts dropped for this reason.</summary>
    public long this[ForgetReason reason] => Sum(s_firstReason + (int)reason);

    public void Count(TableCounter counter) => Add((int)counter, 1);

    public void Count(ForgetReason reason, int verdicts) => Add(s_firstReason + (int)reason, verdicts);

    private void Add(int index, int amount)
    {
        int stripe = Environment.CurrentManagedThreadId & (Stripes - 1);
        Interlocked.Add(ref _counts[(stripe * StripeLength) + index], amount);
    }

    private long Sum(int index)
    {
        long sum = 0;
        for (int i = index; i < _counts.Length; i += StripeLength)
        {
            sum += Interlocked.Read(ref _counts[i]);
        }

        return sum;
    }
}
