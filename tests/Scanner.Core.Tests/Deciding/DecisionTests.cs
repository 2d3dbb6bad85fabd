using Scanner.Core.Deciding;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Tests.Deciding;

/// <summary>What each verdict and each reason means for an open.</summary>
public sealed class DecisionTests
{
    public static TheoryData<FailureReason, Profile> Failures()
    {
        TheoryData<FailureReason, Profile> failures = [];
        foreach (FailureReason reason in Enum.GetValues<FailureReason>().Where(reason => reason != FailureReason.None))
        {
            failures.Add(reason, Profile.Available);
            failures.Add(reason, Profile.Strict);
        }

        return failures;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(Profile.Available)]
    [InlineData(Profile.Strict)]
    public Task GivenClean_WhenDecided_ThenItIsAllowedWithoutALine(Profile profile)
    {
        Decision decision = Decision.From(Verdict.Clean, new WatchOptions(), Header(profile));

        Assert.Equal((Access.Allow, FailureReason.None, false), (decision.Access, decision.Reason, decision.IsNotable));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData(Profile.Available, false, Access.Deny)]
    [InlineData(Profile.Strict, false, Access.Deny)]
    [InlineData(Profile.Strict, true, Access.Allow)]
    public Task GivenInfected_WhenDecided_ThenItIsDeniedUnlessOnlyObserved(Profile profile, bool observe, Access access)
    {
        Decision decision = Decision.From(
            Verdict.Infected("Name"), new WatchOptions { Observe = observe }, Header(profile, observe));

        Assert.Equal((access, FailureReason.None, true), (decision.Access, decision.Reason, decision.IsNotable));
        Assert.Equal("Name", decision.Verdict?.Signature);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [MemberData(nameof(Failures))]
    public Task GivenAReason_WhenDecided_ThenTheProfileSaysWhatItMeansAndItGetsALine(
        FailureReason reason, Profile profile)
    {
        Access action = profile == Profile.Strict ? Access.Deny : Access.Allow;

        Decision scanned = Decision.From(Verdict.NotScannable(reason), new WatchOptions(), Header(profile));
        Decision failed = Decision.Failed(Header(profile), reason);

        Assert.Equal((action, reason, true), (scanned.Access, scanned.Reason, scanned.IsNotable));
        Assert.Equal((action, reason, true), (failed.Access, failed.Reason, failed.IsNotable));
        Assert.NotNull(scanned.Verdict);
        Assert.Null(failed.Verdict);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAReasonWithAnActionOfItsOwn_WhenDecided_ThenThatCounts()
    {
        JournalHeader header = Header(Profile.Available);
        header.SetAction(FailureReason.TooLarge, Access.Deny);

        Assert.Equal(
            Access.Deny,
            Decision.From(Verdict.NotScannable(FailureReason.TooLarge), new WatchOptions(), header).Access);
        Assert.Equal(Access.Allow, Decision.Failed(header, FailureReason.NotReadable).Access);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnEngineThatSaysNothing_WhenDecided_ThenThatIsAnErrorAndNeverClean()
    {
        Decision decision = Decision.From(default, new WatchOptions(), Header(Profile.Strict));

        Assert.Equal((Access.Deny, FailureReason.EngineError), (decision.Access, decision.Reason));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("Own")]
    [InlineData("NotRegular")]
    [InlineData("Empty")]
    [InlineData("Outside")]
    public Task GivenWhatNeedsNoEngine_WhenDecided_ThenItIsAllowedWithoutALine(string answer)
    {
        Decision decision = Decision.AllowedBy(Enum.Parse<GateAnswer>(answer));

        Assert.Equal((Access.Allow, FailureReason.None, false), (decision.Access, decision.Reason, decision.IsNotable));
        return Task.CompletedTask;
    }

    private static JournalHeader Header(Profile profile, bool observe = false)
    {
        JournalHeader header = default;
        FailurePolicy.Write(ref header, new WatchOptions { Profile = profile, Observe = observe });
        return header;
    }
}
