using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>Many openers at once, and openers that behave badly.</summary>
public sealed class LoadTests
{
    private const int Openers = 1_500;

    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(40);

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(FileSystemKinds.All), MemberType = typeof(FileSystemKinds))]
    public async Task GivenManyOpenersAtOnce_WhenAllAreAnswered_ThenEveryAnswerIsRight(FileSystemKind kind)
    {
        // The deadline is not what is tested here, so a slow machine must not reach it.
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(kind, "--profile", "strict", "--deadline", "30s");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 100);

        LoadResult result = await LoadFiles.FloodAsync(list, Openers, _grace);

        Assert.Equal(Openers, result.Opens);
        result.AssertAllRight();
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAnOpenerThatWaits_WhenItIsKilled_ThenItEndsAndOthersAreAnswered()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", "--deadline", "10s");
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        int worker = await watched.Scanner.WorkerAsync();
        Signals.Stop(worker);
        using Opener killed = Opener.Start(TimeSpan.FromSeconds(20), "open", clean);
        using Opener waiting = Opener.Start(TimeSpan.FromSeconds(20), "open", infected);
        await killed.BlockedAsync();
        await waiting.BlockedAsync();

        killed.Kill();
        OpenerResult killedResult = await killed.ResultAsync();
        Signals.Continue(worker);

        Assert.StartsWith("killed", killedResult.Line);
        Assert.True(killedResult.Elapsed < TimeSpan.FromSeconds(5), "a waiting opener could not be killed at once");
        Assert.Equal(OpenerResult.Denied, (await waiting.ResultAsync()).Line);
        Assert.Equal(OpenerResult.Content(Samples.CleanText), (await Opener.RunAsync("open", clean)).Line);
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenADaemonWithFewDescriptors_WhenMoreOpenersCome_ThenNothingInfectedIsOpenedAndNoneHangs()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await watched.StartScannerAsync(["prlimit", "--nofile=1024:1024"], "--profile", "strict");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 100);

        LoadResult result = await LoadFiles.FloodAsync(list, Openers, _grace);

        result.AssertNothingInfectedAndNoneHung();
        // Afterwards it is as good as new.
        (await LoadFiles.FloodAsync(list, 50, _grace)).AssertAllRight();
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAUserWhoHoldsAWriteLease_WhenTheFileIsOpened_ThenOpensOfOtherFilesDoNotWait()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(FileSystemKind.Ext4);
        string leased = await watched.Mount.WriteAsync("leased", Samples.CleanText, "666");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 5);
        using Opener holder = Opener.Start(TimeSpan.FromSeconds(20), "hold-lease", leased, "15");
        await holder.BegunAsync();
        // Its own fate is open: refused, or waiting like everybody who opens a leased file.
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(20), "open", leased);

        LoadResult result = LoadResult.From(await Opener.RunAsync("loop", "4", "3", list, "5"));

        result.AssertAllRight();
        result.AssertNoWaitBeyond(TimeSpan.FromSeconds(1));
    }
}
