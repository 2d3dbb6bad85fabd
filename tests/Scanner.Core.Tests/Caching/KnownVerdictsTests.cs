using Scanner.Core.Caching;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;

namespace Scanner.Core.Tests.Caching;

/// <summary>What is kept of a scan, and for how long it answers.</summary>
public sealed class KnownVerdictsTests
{
    private static readonly FileVersion s_version = new(new FileIdentity(1, 2), 3, 4, 5, 6);
    private static readonly Verdict s_infected = Verdict.Infected("Test.Signature");

    private readonly EpochEngine _engine = new();
    private readonly KnownVerdicts _known;

    public KnownVerdictsTests() => _known = new KnownVerdicts(_engine, new NoStore(), isOn: true);

    [Fact(Timeout = 5_000)]
    public Task GivenAVerdictThatWasKept_WhenAsked_ThenItAnswersForJustThatVersion()
    {
        _known.Keep(s_version, _known.Begin(s_version.File), Verdict.Clean);

        Assert.True(_known.IsClean(s_version));
        Assert.False(_known.IsClean(s_version with { Generation = 4 }));
        Assert.False(_known.IsClean(s_version with { Size = 5 }));
        Assert.False(_known.IsClean(s_version with { ModifiedAt = 6 }));
        Assert.False(_known.IsClean(s_version with { ChangedAt = 7 }));
        Assert.False(_known.IsClean(s_version with { File = new FileIdentity(2, 2) }));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnInfectedVersion_WhenAsked_ThenItIsNotCleanAndHasItsName()
    {
        _known.Keep(s_version, _known.Begin(s_version.File), s_infected);

        Assert.False(_known.IsClean(s_version));
        Assert.True(_known.TryGet(s_version, out Verdict verdict));
        Assert.Equal(s_infected, verdict);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenNewSignatures_WhenAsked_ThenNothingIsKnown()
    {
        _known.Keep(s_version, _known.Begin(s_version.File), Verdict.Clean);

        _engine.Epoch = new EngineEpoch("2", IsSettled: true);

        Assert.False(_known.IsClean(s_version));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("1", false, 0)]
    [InlineData("2", true, 1)]
    [InlineData("2", false, 1)]
    public Task GivenAListener_WhenTheEngineChanges_ThenItIsToldOnceAndOnlyOfOtherSignatures(
        string name, bool isSettled, int times)
    {
        int told = 0;
        bool wasKnown = false;
        _known.NewSignatures += () => told++;
        _known.NewSignatures += () => wasKnown |= _known.IsClean(s_version);
        _known.Keep(s_version, _known.Begin(s_version.File), Verdict.Clean);

        // Nobody asks: what the kernel lets pass does not come here.
        _engine.Epoch = new EngineEpoch(name, isSettled);

        Assert.Equal(times, told);
        _ = _known.IsClean(s_version);
        Assert.Equal(times, told);
        Assert.False(wasKnown);
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("1", false)]
    [InlineData("2", true)]
    public Task GivenSignaturesThatChangeDuringAScan_WhenItEnds_ThenNothingIsKept(string name, bool isSettled)
    {
        ScanTicket ticket = _known.Begin(s_version.File);
        EngineEpoch before = _engine.Epoch;
        _engine.Epoch = new EngineEpoch(name, isSettled);

        _known.Keep(s_version, ticket, Verdict.Clean);

        Assert.False(_known.IsClean(s_version));
        _engine.Epoch = before;
        Assert.False(_known.IsClean(s_version));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnEngineThatMayAnswerFromOldSignatures_WhenAScanEnds_ThenNothingIsKept()
    {
        _engine.Epoch = new EngineEpoch("1", IsSettled: false);

        _known.Keep(s_version, _known.Begin(s_version.File), Verdict.Clean);

        Assert.False(_known.IsClean(s_version));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAFileThatIsWrittenDuringAScan_WhenItEnds_ThenNothingIsKept()
    {
        ScanTicket ticket = _known.Begin(s_version.File);
        _known.Forget(s_version.File);

        _known.Keep(s_version, ticket, Verdict.Clean);

        Assert.False(_known.IsClean(s_version));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenWhatIsNoVerdictOfTheEngine_WhenAScanEnds_ThenNothingIsKept()
    {
        _known.Keep(s_version, _known.Begin(s_version.File), Verdict.Clean.By("another"));
        _known.Keep(s_version, _known.Begin(s_version.File), Verdict.NotScannable(FailureReason.TooLarge));

        Assert.False(_known.TryGet(s_version, out _));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenThatNothingIsToBeKept_WhenAScanEnds_ThenNothingIs()
    {
        KnownVerdicts off = new(_engine, new NoStore(), isOn: false);
        off.Keep(s_version, off.Begin(s_version.File), Verdict.Clean);

        Assert.True(off.IsEmpty);
        Assert.False(off.IsClean(s_version));
        return Task.CompletedTask;
    }
}
