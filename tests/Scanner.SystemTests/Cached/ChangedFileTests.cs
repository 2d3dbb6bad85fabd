using System.Text.Json;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>A file was clean each time it was opened, then becomes infected: no way leads past the scanner.</summary>
public sealed class ChangedFileTests(AskedCachedFiles watched) : IClassFixture<AskedCachedFiles>
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

    /// <summary>The ways that need not open the infected file, which nobody can.</summary>
    public static TheoryData<CachedPlace, string> CleanCases()
    {
        TheoryData<CachedPlace, string> cases = [];
        foreach (CachedPlace place in Enum.GetValues<CachedPlace>())
        {
            foreach (string command in (string[])["truncate", "rename", "exchange", "reuse-inode"])
            {
                if (new ChangeWay(command).WorksOn(place))
                {
                    cases.Add(place, command);
                }
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
        await file.AssertCleanAsync();
        await file.RenewAsync();

        await file.ChangeAsync();

        string? fault = await file.FindFaultAsync();
        Assert.True(fault is null, fault);
        // Denied for what it holds, not because it could not be scanned.
        Assert.True(
            await Poll.UntilAsync(_printed, () => DecisionsAbout(file).Count(one => one.Verdict == "infected") >= 2),
            $"{string.Join('\n', DecisionsAbout(file))}\n{watched.Scanner.Error}");
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(CleanCases))]
    public async Task GivenAnInfectedFileThatIsKnown_WhenItsContentBecomesClean_ThenItIsAllowed(
        CachedPlace place, string command)
    {
        PlaceMount mount = (await watched.GetAsync(place)).Place;
        string file = Path.Combine(mount.Path, $"infected-{command}");
        byte[] content = [.. Samples.Eicar.Select(_ => (byte)'c')];
        string source = mount.Mount.Work.Write($"clean-{command}", content);
        await Opener.PutAsync(file, Samples.Eicar);
        for (int i = 0; i < CachedFiles.Rounds; i++)
        {
            Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
        }

        OpenerResult change = await Opener.RunAsync("change", command, file, source, "keep", mount.Mount.Image);

        Assert.Equal(OpenerResult.Content(content), change.Line);
        Assert.Equal(OpenerResult.Content(content), (await Opener.RunAsync("open", file)).Line);
        Assert.Equal(OpenerResult.Content(content), (await Opener.RunAsync("open", file)).Line);
    }

    private List<Decision> DecisionsAbout(CachedFile file) =>
        [.. watched.Scanner.Output.Lines
            .Where(line => line.Contains(file.Path))
            .Select(line => Decision.From(JsonDocument.Parse(line).RootElement))
            .OfType<Decision>()
            .Where(one => one.Path == file.Path)];
}
