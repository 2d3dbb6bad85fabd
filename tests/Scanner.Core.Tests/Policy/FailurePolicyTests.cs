using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Tests.Policy;

public sealed class FailurePolicyTests
{
    [Theory(Timeout = 5_000)]
    [InlineData(Profile.Available, false, Access.Allow)]
    [InlineData(Profile.Available, true, Access.Allow)]
    [InlineData(Profile.Strict, false, Access.Deny)]
    [InlineData(Profile.Strict, true, Access.Allow)]
    public Task GivenAProfile_WhenItIsWritten_ThenEveryReasonHasItsAction(Profile profile, bool observes, Access action)
    {
        JournalHeader header = default;

        FailurePolicy.Write(ref header, new WatchOptions { Profile = profile, Observe = observes });

        Assert.All(Enum.GetValues<FailureReason>(), reason => Assert.Equal(action, header.ActionFor(reason)));
        return Task.CompletedTask;
    }
}
