using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>A file that was clean each time it was opened is infected afterwards: no way leads past the scanner.</summary>
public sealed class ChangedFileTests(WatchedCachedFiles watched) : IClassFixture<WatchedCachedFiles>
{
    private static readonly TimeSpan _printed = TimeSpan.FromSeconds(5);

    public static TheoryData<CachedPlace, string> Cases()
    {
        TheoryData<CachedPlace, string> cases = [];
        foreach (CachedPlace place in Enum.GetValues<CachedPlace>())
        {
            foreach (ChangeWay way in ChangeWays.On(place))
            {
                cases.Add(place, way.Name);
            }
        }

        return cases;
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Cases))]
    public async Task GivenACleanFileThatIsKnown_WhenItsContentBecomesInfected_ThenItIsDenied(
        CachedPlace place, string way)
    {
        CachedFile file = (await watched.GetAsync(place))[ChangeWays.All[way]];
        Assert.Equal(OpenerResult.Content(file.Content.Clean), (await file.OpenAsync()).Line);
        await file.RenewAsync();

        await file.ChangeAsync();
        OpenerResult first = await file.OpenAsync();
        await file.LetGoAsync();
        OpenerResult second = await file.OpenAsync();

        string account = string.Join('\n', DecisionsAbout(file));
        Assert.True(first.Line == OpenerResult.Denied, $"at once: {first.Line}\n{account}");
        Assert.True(second.Line == OpenerResult.Denied, $"later: {second.Line}\n{account}");
        // Denied for what it holds, not because it could not be scanned.
        Assert.True(
            await Poll.UntilAsync(_printed, () => DecisionsAbout(file).Count(one => one.Verdict == "infected") >= 2),
            $"{account}\n{watched.Scanner.Error}");
    }

    private List<Decision> DecisionsAbout(CachedFile file) =>
        [.. watched.Scanner.Output.Records
            .Select(Decision.From)
            .OfType<Decision>()
            .Where(one => one.Path == file.Path)];
}
