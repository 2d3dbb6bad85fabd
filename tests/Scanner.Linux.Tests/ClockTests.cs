using System.Diagnostics;
using Scanner.Testing;

namespace Scanner.Linux.Tests;

public sealed class ClockTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenTheMonotonicClock_WhenRead_ThenItIsInNanosecondsAndNotSetBack() => Blocking.Run(() =>
    {
        long watch = Stopwatch.GetTimestamp();
        long first = Clock.Now;
        long second = Clock.Now;

        Assert.True(second >= first);
        Assert.InRange(first - (watch * (1_000_000_000 / Stopwatch.Frequency)), 0, 1_000_000_000);
    });
}
