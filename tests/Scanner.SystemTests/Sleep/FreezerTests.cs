using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Sleep;

/// <summary>Processes that are frozen on one side of the scanner or the other.</summary>
public sealed class FreezerTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _scan = TimeSpan.FromSeconds(1);

    [Fact(Timeout = 60_000)]
    public async Task GivenAnOpenerThatIsFrozenWhileItWaits_WhenItsFileIsScanned_ThenNobodyElseWaits()
    {
        await using FreezerGroup group = FreezerGroup.Create();
        await using FakeClamd engine = await FakeClamd.StartAsync("right", _scan);
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string frozen = await watched.Mount.WriteAsync("frozen", Samples.CleanText);
        string other = await watched.Mount.WriteAsync("other", Samples.CleanText);
        await StartAsync(watched, engine);
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(30), "open", frozen);
        await opener.BlockedAsync();
        group.Add(opener.Id);

        group.Freeze();

        // It does not stand still before it has its answer: the system would not go to sleep meanwhile.
        await group.FrozenAsync();
        OpenerResult ofOther = await Opener.RunAsync("open", other);
        Assert.Equal(OpenerResult.Content(Samples.CleanText), ofOther.Line);
        Assert.True(ofOther.Elapsed < _deadline, $"{ofOther}");
        Assert.True(group.IsFrozen);

        group.Thaw();
        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await opener.ResultAsync()).Line);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFrozenEngine_WhenFilesAreOpened_ThenTheyAreAnsweredInTimeAndScannedWhenItIsThawed()
    {
        await using FreezerGroup group = FreezerGroup.Create();
        await using FakeClamd engine = await FakeClamd.StartAsync("right");
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        await StartAsync(watched, engine);
        group.Add(engine.ProcessId);
        group.Freeze();
        await group.FrozenAsync();

        OpenerResult[] results =
            await Task.WhenAll(Opener.RunAsync("open", clean), Opener.RunAsync("open", infected));

        Assert.All(results, result => Assert.Equal(OpenerResult.Denied, result.Line));
        Assert.All(
            results, result => Assert.True(result.Elapsed < _deadline + TimeSpan.FromMilliseconds(500), $"{result}"));
        group.Thaw();
        bool isBack = await Poll.UntilAsync(
            TimeSpan.FromSeconds(15),
            async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText));
        Assert.True(isBack, watched.Scanner.ToString());
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);

        await engine.EndAsync();
    }

    private static Task StartAsync(WatchedFileSystem watched, FakeClamd engine) => watched.StartScannerAsync(
        [],
        $"clamd:{engine.SocketPath}",
        ["--profile", "strict", "--deadline", $"{(int)_deadline.TotalSeconds}s"]);
}
