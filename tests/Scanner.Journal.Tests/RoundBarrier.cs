namespace Scanner.Journal.Tests;

/// <summary>Lets threads leave at the same moment, quickly enough for a million rounds.</summary>
internal sealed class RoundBarrier(int threads)
{
    private int _arrived;
    private int _round;

    public void Meet()
    {
        int round = Volatile.Read(ref _round);
        if (Interlocked.Increment(ref _arrived) == threads)
        {
            Volatile.Write(ref _arrived, 0);
            Volatile.Write(ref _round, round + 1);
            return;
        }

        SpinWait wait = default;
        while (Volatile.Read(ref _round) == round)
        {
            // Never to sleep: a millisecond each time would make hours of it.
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }
}
