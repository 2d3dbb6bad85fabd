using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;

namespace Scanner.Core.Tests.Scanning;

/// <summary>Files that a server delivers are looked at on a thread of their own, and count apart.</summary>
[Collection(MarksCollection.Name)]
public sealed class ServedFilesTests
{
    [Fact(Timeout = 30_000)]
    public async Task GivenServedFiles_WhenTheyAreOpened_ThenEachIsScannedInOrder()
    {
        using ScanBed bed = new(concurrency: 1, kind: FilesystemKind.Network);
        int[] slots = [.. Enumerable.Range(1, 3).Select(size => bed.Open(bed.File(size)))];
        for (int i = 0; i < slots.Length; i++)
        {
            (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);
        }

        Assert.All(await bed.AnsweredAsync(slots), reason => Assert.Equal(FailureReason.None, reason));
        Assert.Equal([1, 2, 3], bed.Engine.Sizes);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenServedFilesThatHang_WhenALocalFileIsOpened_ThenItIsScanned()
    {
        using ScanBed bed = new(concurrency: 4, kind: FilesystemKind.Network);
        using WatchedGroup local = bed.Rooms.Group(FilesystemKind.Local);
        for (int size = 1; size <= 10; size++)
        {
            bed.Open(bed.File(size));
        }

        await bed.Engine.NextAsync();
        int slot = bed.Open(bed.File(100), local);
        GatedScan scan = await bed.Engine.NextAsync();
        scan.SetResult(Verdict.Clean);

        Assert.Equal(100, scan.Size);
        await bed.AnsweredAsync(slot);
    }

    [Fact(Timeout = 10_000)]
    public Task GivenNothingWasServed_WhenDisposed_ThenItEnds()
    {
        using Rooms rooms = new();
        using ServedFiles served = new("test", rooms.Tools.Scheduler.PrepareAndAdmit);
        return Task.CompletedTask;
    }
}
