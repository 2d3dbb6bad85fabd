using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Marked;

/// <summary>Files that the kernel lets pass unasked become infected: no way leads past the scanner.</summary>
public sealed class ChangedMarkedFileTests(WatchedMarkedFiles watched) : IClassFixture<WatchedMarkedFiles>
{
    /// <summary>
    /// What is stored through a mapping is noticed a moment after it was closed; longer where notices wait for a
    /// processor.
    /// </summary>
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(3);

    public static TheoryData<CachedPlace, string> Cases()
    {
        TheoryData<CachedPlace, string> cases = [];
        foreach (CachedPlace place in Enum.GetValues<CachedPlace>())
        {
            foreach (ChangeWay way in ChangeWays.On(place).Where(way => way.Command != "image"))
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
        await file.AssertCleanAsync();
        await file.RenewAsync();

        // A writer from before the scan is seen by it; the way by /proc has the file scanned before it writes.
        bool passes = place.MayBeMarked() && !file.Way.IsWritableForAll
            && file.Way is { IsHeld: false } or { Command: "proc-fd" };

        // Where notices were lost another group is in force, which marks nothing before it had something scanned.
        Assert.True(passes || !await PassingFiles.HasAsync(watched.Scanner, file.Path), $"{file.Path} passes unasked");

        await file.ChangeAsync();

        if (!file.Way.IsHeld)
        {
            Assert.True(await Poll.UntilAsync(_noticed, async () => await file.FindFaultAsync() is null));
        }

        string? fault = await file.FindFaultAsync();
        Assert.True(fault is null, fault);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(CachedPlace.Ext4)]
    [InlineData(CachedPlace.Xfs)]
    [InlineData(CachedPlace.Btrfs)]
    public async Task GivenFilesThatPass_WhenTheirImageIsWritten_ThenTheyAreDenied(CachedPlace place)
    {
        await using WatchedCachedFiles images = new()
        {
            Places = [place],
            Ways = way => way is { Command: "image", KeepsTimes: false },
        };
        CachedFile file = Assert.Single((await images.GetAsync(place)).All);
        await PassingFiles.AssertHasAsync(images.Scanner, file.Path);

        await file.ChangeAsync();

        Assert.True(await Poll.UntilAsync(_noticed, async () => await file.FindFaultAsync() is null), $"{images.Scanner}");
        Assert.Equal(OpenerResult.Denied, (await file.OpenAsync()).Line);
    }
}
