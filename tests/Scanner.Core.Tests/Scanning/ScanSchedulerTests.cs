using Scanner.Core.Scanning;
using Scanner.Core.Tests.Fixtures;
using Scanner.Journal;

namespace Scanner.Core.Tests.Scanning;

/// <summary>What one user's scans can do to another's.</summary>
[Collection(MarksCollection.Name)]
public sealed class ScanSchedulerTests
{
    [Fact(Timeout = 30_000)]
    public async Task GivenAUserWithHalfOfTheSlots_WhenThatUserOpensMore_ThenTheQueueIsFullForThatUserOnly()
    {
        using ScanBed bed = new(concurrency: 1, slots: 8);
        int[] waiting = [.. Enumerable.Range(1, 4).Select(size => bed.Open(bed.File(size)))];
        await bed.Engine.NextAsync();

        // Whose they are is looked up elsewhere: until then none counts.
        await ScanBed.SettleAsync();
        Assert.Equal([FailureReason.QueueFull], await bed.AnsweredAsync(bed.Open(bed.File(10))));
        int ofOther = bed.Open(bed.File(11), ScanBed.Other);

        await ScanBed.SettleAsync();
        Assert.All(waiting.Append(ofOther), slot => Assert.True(bed.IsWaiting(slot)));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAUserWhoseScansHaveEnded_WhenThatUserOpensAsManyAgain_ThenAllAreScanned()
    {
        using ScanBed bed = new(concurrency: 1, slots: 8);
        for (int round = 0; round < 3; round++)
        {
            // The same file twice: whoever joins counts, and is counted out, as well.
            string shared = bed.File(4);
            int[] slots = [bed.Open(bed.File(1)), bed.Open(bed.File(2)), bed.Open(shared), bed.Open(shared)];
            await ScanBed.SettleAsync();
            for (int scans = 0; scans < 3; scans++)
            {
                (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);
            }

            Assert.All(await bed.AnsweredAsync(slots), reason => Assert.Equal(FailureReason.None, reason));
        }
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAUserWithManyFiles_WhenAnotherOpensOne_ThenItIsNext()
    {
        using ScanBed bed = new(concurrency: 1);
        for (int size = 1; size <= 5; size++)
        {
            bed.Open(bed.File(size));
        }

        GatedScan first = await bed.Engine.NextAsync();
        int ofOther = bed.Open(bed.File(100), ScanBed.Other);
        await ScanBed.SettleAsync();
        first.SetResult(Verdict.Clean);
        GatedScan second = await bed.Engine.NextAsync();
        second.SetResult(Verdict.Clean);
        GatedScan third = await bed.Engine.NextAsync();
        third.SetResult(Verdict.Clean);

        await bed.AnsweredAsync(ofOther);
        Assert.Contains(100, (long[])[second.Size, third.Size]);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAFileThatWaits_WhenItsDeadlinePasses_ThenItIsDroppedWithoutAScan()
    {
        using ScanBed bed = new(concurrency: 1);
        int running = bed.Open(bed.File(1));
        GatedScan scan = await bed.Engine.NextAsync();

        int overdue = bed.Open(bed.File(2), left: TimeSpan.FromMilliseconds(50));

        Assert.Equal([FailureReason.DeadlinePassed], await bed.AnsweredAsync(overdue));
        Assert.True(bed.IsWaiting(running));
        scan.SetResult(Verdict.Clean);
        await bed.AnsweredAsync(running);
        Assert.Equal([1], bed.Engine.Sizes);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAScanThatDoesNotEnd_WhenItsDeadlineHasPassed_ThenItIsCancelledAndKeepsItsPlace()
    {
        using ScanBed bed = new(concurrency: 1);
        int stuck = bed.Open(bed.File(1), left: TimeSpan.FromMilliseconds(300));
        GatedScan slow = await bed.Engine.NextAsync();
        int next = bed.Open(bed.File(2));

        Assert.True(SpinWait.SpinUntil(() => slow.Cancellation.IsCancellationRequested, 5_000));
        await ScanBed.SettleAsync();
        Assert.True(bed.IsWaiting(stuck));
        Assert.Single(bed.Engine.Sizes);

        slow.SetResult(Verdict.Clean);
        await bed.AnsweredAsync(stuck);
        (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);
        await bed.AnsweredAsync(next);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenScansThatAServerGoesOnWith_WhenTheirUserOpensMore_ThenOnlyOthersAreScanned()
    {
        using ScanBed bed = new(concurrency: 4);
        int[] givenUp =
            [.. Enumerable.Range(1, 3).Select(size => bed.Open(bed.File(size), left: TimeSpan.FromMilliseconds(200)))];
        GatedScan[] scans = [await bed.Engine.NextAsync(), await bed.Engine.NextAsync(), await bed.Engine.NextAsync()];
        Assert.True(SpinWait.SpinUntil(() => scans.All(scan => scan.Cancellation.IsCancellationRequested), 5_000));
        foreach (GatedScan scan in scans)
        {
            scan.Place!.Keep();
            scan.SetCanceled(TestContext.Current.CancellationToken);
        }

        Assert.All(
            await bed.AnsweredAsync(givenUp), reason => Assert.Equal(FailureReason.DeadlinePassed, reason));
        int next = bed.Open(bed.File(4));
        int ofOther = bed.Open(bed.File(5), ScanBed.Other);
        GatedScan other = await bed.Engine.NextAsync();
        await ScanBed.SettleAsync();
        Assert.Equal(5, other.Size);
        Assert.Equal(4, bed.Engine.Sizes.Count);
        other.SetResult(Verdict.Clean);
        await bed.AnsweredAsync(ofOther);

        scans[0].Place!.GiveBack();
        GatedScan last = await bed.Engine.NextAsync();
        Assert.Equal(4, last.Size);
        last.SetResult(Verdict.Clean);
        await bed.AnsweredAsync(next);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenAnEngineThatCannotBeReached_WhenFilesAreOpened_ThenEachIsAnsweredAtOnce()
    {
        using ScanBed bed = new(concurrency: 1);
        int[] slots = [.. Enumerable.Range(1, 3).Select(size => bed.Open(bed.File(size)))];

        foreach (int _ in slots)
        {
            (await bed.Engine.NextAsync()).SetResult(Verdict.NotScannable(FailureReason.EngineUnavailable));
        }

        Assert.All(
            await bed.AnsweredAsync(slots), reason => Assert.Equal(FailureReason.EngineUnavailable, reason));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenFilesThatWait_WhenTheEngineGetsRoomForMore_ThenTheyAreScannedWithoutAnotherEvent()
    {
        using ScanBed bed = new(concurrency: 1);
        int stuck = bed.Open(bed.File(1));
        GatedScan hanging = await bed.Engine.NextAsync();
        int waiting = bed.Open(bed.File(2), ScanBed.Other);
        await ScanBed.SettleAsync();

        // As when a thread that hangs gets another beside it, or clamd is back with more threads.
        bed.Engine.Concurrency = 2;

        (await bed.Engine.NextAsync()).SetResult(Verdict.Clean);
        Assert.Equal([FailureReason.None], await bed.AnsweredAsync(waiting));
        hanging.SetResult(Verdict.Clean);
        await bed.AnsweredAsync(stuck);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenOneUsersExecutionsWithoutEnd_WhenAnotherOpensAFile_ThenItIsScannedBeforeTheyEnd()
    {
        const int executions = 20;
        using ScanBed bed = new(concurrency: 1);
        int[] slots = [.. Enumerable.Range(1, executions).Select(size => bed.Execute(bed.File(size)))];
        GatedScan scan = await bed.Engine.NextAsync();
        int ofOther = bed.Open(bed.File(100), ScanBed.Other);
        await ScanBed.SettleAsync();

        int before = 0;
        for (; scan.Size != 100; before++)
        {
            scan.SetResult(Verdict.Clean);
            scan = await bed.Engine.NextAsync();
        }

        scan.SetResult(Verdict.Clean);
        await bed.AnsweredAsync(ofOther);
        Assert.InRange(before, 1, executions / 2);
        Assert.Contains(slots, bed.IsWaiting);
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenASlowScanOfOneFile_WhenMoreOpenItThanCouldBeScannedInTime_ThenAllGetItsVerdict()
    {
        // In so much time as this scan takes, not 32 of its kind could be made until the deadline.
        using ScanBed bed = new(concurrency: 1, slots: 128);
        string file = bed.File(10);
        List<int> slots = [bed.Open(file)];
        GatedScan scan = await bed.Engine.NextAsync();
        await Task.Delay(500, TestContext.Current.CancellationToken);

        slots.AddRange(Enumerable.Range(0, 40).Select(_ => bed.Open(file)));
        await ScanBed.SettleAsync();
        scan.SetResult(Verdict.Clean);

        Assert.All(await bed.AnsweredAsync([.. slots]), reason => Assert.Equal(FailureReason.None, reason));
        Assert.Equal([10], bed.Engine.Sizes);
    }
}
