using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Marked;

/// <summary>Root opens or maps a file that passes unasked already, and makes it infected before it closes it.</summary>
public sealed class WrittenByRootTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(3);

    /// <summary>What the kernel does not notice before it is closed: see the README, what Scanner cannot see.</summary>
    private static readonly string[] _noticedAtClose =
        ["aio", "mmap", "mmap-msync", "mmap-closed", "mmap-closed-msync", "mmap-dirty", "swap-extents"];

    [Theory(Timeout = 120_000)]
    [InlineData(CachedPlace.Ext4)]
    [InlineData(CachedPlace.Xfs)]
    [InlineData(CachedPlace.Btrfs)]
    public async Task GivenFilesThatPass_WhenRootWritesThem_ThenOnlyMappingsAndTheLikeWaitForTheClosing(CachedPlace place)
    {
        await using WatchedCachedFiles watched = new()
        {
            Places = [place],
            Ways = way => way is { IsHeld: true, KeepsTimes: false } or { IsHeld: true, IsWritableForAll: true },
            HoldsFirst = false,
        };
        List<string> wrong = [];
        foreach (CachedFile file in (await watched.GetAsync(place)).All)
        {
            bool passes = !file.Way.IsWritableForAll;
            Assert.Equal(passes, await PassingFiles.HasAsync(watched.Scanner, file.Path));
            await file.HoldAsync();
            await file.RenewAsync();

            // Another link is a change of the file's attributes.
            passes &= file.Way.Command != "link";
            Assert.Equal(passes, await PassingFiles.HasAsync(watched.Scanner, file.Path));

            await file.ChangeAsync();
            string atOnce = (await file.OpenAsync()).Line;
            await file.LetGoAsync();
            bool isDenied = await Poll.UntilAsync(
                _noticed, async () => (await file.OpenAsync()).Line == OpenerResult.Denied);

            output.WriteLine($"{file.Way.Name}: {atOnce}");
            string expected = passes && _noticedAtClose.Contains(file.Way.Command)
                ? OpenerResult.Content(file.Content.Infected)
                : OpenerResult.Denied;
            if (atOnce != expected || !isDenied)
            {
                wrong.Add($"{file.Way.Name}: {atOnce}, after the closing {(isDenied ? "" : "not ")}denied");
            }
        }

        Assert.Equal([], wrong);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileThatPasses_WhenWrittenAndThenUnderAWriteLease_ThenTheScannerStillFindsIt()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = await watched.Mount.WriteAsync("file", [.. Samples.Eicar.Select(_ => (byte)'c')]);
        string infected = watched.Mount.Work.Write("infected", Samples.Eicar);
        await watched.StartScannerAsync([], "--profile", "strict");
        Assert.StartsWith("ok ", (await Opener.RunAsync("open", file)).Line);
        await PassingFiles.AssertHasAsync(watched.Scanner, file);
        int worker = await watched.Scanner.WorkerAsync();

        // While the worker stands still, so that the lease is there before it can look at the file.
        Signals.Stop(worker);
        Assert.True(await Poll.UntilAsync(_noticed, () => ProcessTable.State(worker) == 'T'));
        OpenerResult change = await Opener.RunAsync("change", "mmap-closed", file, infected, "new", "-");
        using Opener holder = Opener.Start(TimeSpan.FromSeconds(40), "hold-lease", file, "30");
        await holder.SaysAsync("held");
        Signals.Continue(worker);

        Assert.Equal(OpenerResult.Content(Samples.Eicar), change.Line);
        await PassingFiles.AssertHasNotAsync(watched.Scanner, file);
        holder.Kill();
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
    }
}
