using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Tests.Scanning;

/// <summary>One scan for all who open the same version of a file, where that is proven to be right.</summary>
[Collection(MarksCollection.Name)]
public sealed class SharedScanTests
{
    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatNobodyWrites_WhenOthersOpenItWhileItIsScanned_ThenTheyShareTheScan()
    {
        using ScanBed bed = new(concurrency: 4);
        string file = bed.File(10);
        (int first, GatedScan scan, int late) = await OpenDuringScanAsync(bed, file);
        int ofOther = bed.Open(file, ScanBed.Other);
        await ScanBed.SettleAsync();

        scan.SetResult(Verdict.Clean);

        Assert.All(await bed.AnsweredAsync(first, late, ofOther), reason => Assert.Equal(FailureReason.None, reason));
        Assert.Equal([10], bed.Engine.Sizes);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatIsOpenForWriting_WhenAnotherOpensItBeforeTheScan_ThenTheyShareTheScan()
    {
        using ScanBed bed = new(concurrency: 1);
        string file = bed.File(10);
        using FileStream writer = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        int before = bed.Open(bed.File(20));
        GatedScan running = await bed.Engine.NextAsync();
        int first = bed.Open(file);
        int second = bed.Open(file);
        await ScanBed.SettleAsync();

        running.SetResult(Verdict.Clean);
        (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);

        await bed.AnsweredAsync(before, first, second);
        Assert.Equal([20, 10], bed.Engine.Sizes);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatIsOpenForWriting_WhenAnotherOpensItDuringTheScan_ThenItIsScannedAgain()
    {
        using ScanBed bed = new(concurrency: 4);
        string file = bed.File(10);
        using FileStream writer = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        (int first, GatedScan scan, int late) = await OpenDuringScanAsync(bed, file);

        scan.SetResult(Verdict.Clean);
        GatedScan again = await bed.Engine.NextAsync();
        await bed.AnsweredAsync(first);
        Assert.True(bed.IsWaiting(late));
        again.SetResult(Verdict.Clean);

        await bed.AnsweredAsync(late);
        Assert.Equal([10, 10], bed.Engine.Sizes);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatIsScanned_WhenSomebodyBeginsToWriteIt_ThenTheWriterGoesOnAndLateOpenersGetAnotherScan()
    {
        using ScanBed bed = new(concurrency: 4);
        string file = bed.File(10);
        (int first, GatedScan scan, int late) = await OpenDuringScanAsync(bed, file);

        // Waits for the lease to go, at most a tick of the scheduler; on a thread of its own, should it not go.
        using FileStream writer = await Task.Run(
            () => new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite),
            TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        await AssertLateIsScannedAgainAsync(bed, first, scan, late);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatIsScanned_WhenThereAreNewSignatures_ThenLateOpenersGetAnotherScan()
    {
        using ScanBed bed = new(concurrency: 4);
        (int first, GatedScan scan, int late) = await OpenDuringScanAsync(
            bed, bed.File(10), () => bed.Engine.Epoch = new EngineEpoch("2", IsSettled: true));

        await AssertLateIsScannedAgainAsync(bed, first, scan, late);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAnOverlay_WhenAnotherOpensAFileDuringItsScan_ThenItIsScannedAgain()
    {
        using ScanBed bed = new(concurrency: 4);
        bed.Group.Plan = bed.Group.Plan with { IsOverlay = true };

        await AssertScannedAgainAsync(bed, () => { });
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenALoopMount_WhenItsImageIsOpenedDuringAScan_ThenWhoeverCameMeanwhileGetsAnother()
    {
        using ScanBed bed = new(concurrency: 4);
        using NoticeGroup watching = NoticeGroup.Open();
        using BackingWatch watch = new(1, watching);
        bed.Group.Plan = bed.Group.Plan with { Backing = watch };

        await AssertScannedAgainAsync(bed, watch.Touch);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileOfAServer_WhenTwoOpenIt_ThenEachGetsAScan()
    {
        using ScanBed bed = new(concurrency: 8, kind: FilesystemKind.Network);
        string file = bed.File(10);
        int first = bed.Open(file);
        int second = bed.Open(file);

        (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);
        (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);

        await bed.AnsweredAsync(first, second);
        Assert.Equal([10, 10], bed.Engine.Sizes);
    }

    private static async Task AssertScannedAgainAsync(ScanBed bed, Action duringTheScan)
    {
        (int first, GatedScan scan, int late) = await OpenDuringScanAsync(bed, bed.File(10), duringTheScan);

        await AssertLateIsScannedAgainAsync(bed, first, scan, late);
    }

    /// <summary>Lets somebody open a file, and another one while it is scanned for the first.</summary>
    private static async Task<(int First, GatedScan Scan, int Late)> OpenDuringScanAsync(
        ScanBed bed, string file, Action? duringTheScan = null)
    {
        int first = bed.Open(file);
        GatedScan scan = await bed.Engine.NextAsync();
        duringTheScan?.Invoke();
        int late = bed.Open(file);
        await ScanBed.SettleAsync();
        return (first, scan, late);
    }

    /// <summary>Ends the scan with one verdict, and the next with another.</summary>
    private static async Task AssertLateIsScannedAgainAsync(ScanBed bed, int first, GatedScan scan, int late)
    {
        scan.SetResult(Verdict.Clean);
        (await bed.Engine.NextAsync()).SetResult(Verdict.Infected("Test"));

        await bed.AnsweredAsync(first, late);
        Assert.Equal(Access.Allow, bed.Rooms.Journal.Slot(first).Access);
        Assert.Equal(Access.Deny, bed.Rooms.Journal.Slot(late).Access);
    }
}
