using Scanner.Core.Policy;
using Scanner.Journal;

namespace Scanner.Core.Tests.Policy;

public sealed class LeasePolicyTests
{
    private static readonly WatchOptions s_options = new() { KeptLeases = 5, LeaseTime = TimeSpan.FromSeconds(2) };

    [Fact(Timeout = 5_000)]
    public Task GivenTheDefaults_WhenTheyAreWritten_ThenLeasesAreKept()
    {
        Assert.Equal((5, 2_000_000_000L), Write(s_options));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenNoUseForLeases_WhenTheOptionsAreWritten_ThenNoneIsKept()
    {
        WatchOptions[] useless =
        [
            s_options with { KeptLeases = 0 },
            s_options with { KernelMarks = false },
            s_options with { Verbose = true },
            s_options with { Profile = Profile.Strict },
            s_options with { Cache = CacheKind.None },
        ];

        Assert.All(useless, options => Assert.Equal(0, Write(options).Limit));
        return Task.CompletedTask;
    }

    private static (int Limit, long Time) Write(WatchOptions options)
    {
        JournalHeader header = default;
        LeasePolicy.Write(ref header, options);
        return (header.Leases.Limit, header.Leases.Time);
    }
}
