using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Marked;

namespace Scanner.SystemTests.Leased;

/// <summary>Nobody was asked about a file while a lease was kept on it; then it becomes infected.</summary>
public sealed class ChangedLeasedFileTests(WatchedLeasedFiles watched) : IClassFixture<WatchedLeasedFiles>
{
    /// <summary>No lease tells of what happens below the file system; the whole group is replaced.</summary>
    private static readonly TimeSpan _replaced = TimeSpan.FromSeconds(3);

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
            await PassingFiles.AssertHasAsync(watched.Scanner, file.Path);
        }

        await file.ChangeAsync();

        string? fault = await file.FindFaultAsync();
        Assert.True(fault is null, fault);
        if (!place.IsOverlay())
        {
            await PassingFiles.AssertHasNotAsync(watched.Scanner, file.Path);
        }
    }

    [Theory(Timeout = 120_000)]
    [InlineData(CachedPlace.Ext4)]
    [InlineData(CachedPlace.Xfs)]
    [InlineData(CachedPlace.Btrfs)]
    public async Task GivenFilesThatMayPassUnasked_WhenTheirImageIsWritten_ThenTheyAreSoonDenied(CachedPlace place)
    {
        await using WatchedCachedFiles images = new()
        {
            Places = [place],
            Ways = way => way is { Command: "image", IsWritableForAll: true },
            Options = watched.Options,
        };
        CachedFile file = Assert.Single((await images.GetAsync(place)).All);
        await PassingFiles.AssertHasAsync(images.Scanner, file.Path);

        await file.ChangeAsync();

        Assert.True(await Poll.UntilAsync(_replaced, async () => await file.FindFaultAsync() is null), $"{images.Scanner}");
        Assert.Null(await file.FindFaultAsync());
    }
}
