using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>What a daemon knew when it ended, and what has changed when the next one starts.</summary>
public sealed class ChangedAcrossRestartTests
{
    /// <summary>Longer than a store may take to write what it has (a second, by its promise).</summary>
    private static readonly TimeSpan _stored = TimeSpan.FromMilliseconds(1_500);

    [Theory(Timeout = 120_000)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task GivenFilesThatAreKnown_WhenTheDaemonIsRestartedAndTheyChange_ThenTheyAreDenied(
        bool isKilled, bool changeWhileDown)
    {
        await using WatchedCachedFiles watched = new() { Ways = IsTried };
        await watched.GetAsync(CachedPlace.Ext4);
        await Task.Delay(_stored, TestContext.Current.CancellationToken);
        if (!changeWhileDown)
        {
            await ChangeAllAsync(watched);
        }

        await EndAsync(watched.Scanner, isKilled);
        if (changeWhileDown)
        {
            await ChangeAllAsync(watched);
        }

        await watched.StartScannerAsync();

        List<string> faults = [];
        foreach (CachedFile file in watched.All)
        {
            if (await file.FindFaultAsync() is { } fault)
            {
                faults.Add(fault);
            }
        }

        Assert.Equal([], faults);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenFilesThatAreKnown_WhenTheDaemonIsRestartedWithListsThatKnowThem_ThenTheyAreDenied()
    {
        await using WatchedCachedFiles watched = new() { Ways = way => way is { Command: "write", IsHeld: false } };
        await watched.GetAsync(CachedPlace.Ext4);
        await Task.Delay(_stored, TestContext.Current.CancellationToken);
        await EndAsync(watched.Scanner, isKilled: false);

        watched.WriteSignatures(file => file.Content.Clean);
        await watched.StartScannerAsync();

        foreach (CachedFile file in watched.All)
        {
            Assert.Equal(OpenerResult.Denied, (await file.OpenAsync()).Line);
        }
    }

    /// <summary>One of each kind: seen by times, only by change time, by neither, and by nobody.</summary>
    private static bool IsTried(ChangeWay way) =>
        way.KeepsTimes
            ? way.Command is "write" or "direct" or "mmap-closed" or "reuse-inode" or "rename" or "image"
            : way.Command is "append";

    private static async Task ChangeAllAsync(WatchedCachedFiles watched)
    {
        foreach (CachedFile file in watched.All)
        {
            await file.ChangeAsync();
        }
    }

    private static async Task EndAsync(ScannerProcess scanner, bool isKilled)
    {
        if (isKilled)
        {
            await scanner.KillAsync();
        }
        else
        {
            Assert.Equal(0, await scanner.StopAsync());
        }
    }
}
