using Scanner.SystemTests.Cached;

namespace Scanner.SystemTests.Leased;

/// <summary>Nobody was asked about a file while a lease was kept on it; then it becomes infected.</summary>
public sealed class ChangedLeasedFileTests(WatchedLeasedFiles watched) : IClassFixture<WatchedLeasedFiles>
{
    public static TheoryData<CachedPlace, string> Cases()
    {
        TheoryData<CachedPlace, string> cases = [];
        WatchedLeasedFiles leased = new();
        foreach (CachedPlace place in leased.Places)
        {
            foreach (ChangeWay way in ChangeWays.On(place).Where(leased.Ways))
            {
                cases.Add(place, way.Name);
            }
        }

        return cases;
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Cases))]
    public async Task GivenACleanFileThatMayPassUnasked_WhenItsContentBecomesInfected_ThenItIsDenied(
        CachedPlace place, string way)
    {
        CachedFile file = (await watched.GetAsync(place))[ChangeWays.All[way]];
        await file.AssertCleanAsync();
        await file.RenewAsync();
        if (!file.Way.IsHeld && !place.IsOverlay())
        {
            await KeptLeases.AssertOnAsync(watched.Scanner, file.Path);
        }

        await file.ChangeAsync();

        string? fault = await file.FindFaultAsync();
        Assert.True(fault is null, fault);
    }
}
