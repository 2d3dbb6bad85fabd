using System.Security.Cryptography;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>
/// Which layer answers, told by the counters: the attacks on kept verdicts mean nothing if none is kept.
/// </summary>
public sealed class LayerTests
{
    private const int Opens = 20;

    /// <summary>Who is not asked cannot tell.</summary>
    private const string NoMarks = "--no-kernel-marks";

    /// <summary>Longer than after a write a scan waits, and takes.</summary>
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a store may take to write what it has.</summary>
    private static readonly TimeSpan _stored = TimeSpan.FromSeconds(1.5);

    [Theory(Timeout = 60_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    public async Task GivenAFileThatWasScanned_WhenOpenedAgain_ThenMemoryAnswers(FileSystemKind kind)
    {
        (WatchedFileSystem made, string file, _) = await StartWithFileAsync(kind);
        await using WatchedFileSystem watched = made;

        await OpenAsync(file, Opens);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["memory", "hit"] == Opens - 1, $"{counters}");
        Assert.True(counters["contents", "miss"] == 1, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("strict", "contents")]
    [InlineData("available", "memory")]
    public async Task GivenAFileThatUsersCanWrite_WhenOpenedAgain_ThenOnlyItsContentIsBelievedWhereStrict(
        string profile, string layer)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string file = $"{watched.Mount.Path}/known";
        await File.WriteAllBytesAsync(
            file, RandomNumberGenerator.GetBytes(5_000), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, (UnixFileMode)0b110_110_100);
        await watched.StartScannerAsync([], "--profile", profile, NoMarks, "--kept-leases", "0");

        await OpenAsync(file, Opens);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters[layer, "hit"] == Opens - 1, $"{counters}");
        Assert.True(counters["contents", "miss"] == 1, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileOnTmpfs_WhenOpenedAgain_ThenItsContentIsKnown()
    {
        (WatchedFileSystem made, string file, _) = await StartWithFileAsync(FileSystemKind.Tmpfs);
        await using WatchedFileSystem watched = made;

        await OpenAsync(file, Opens);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["contents", "hit"] == Opens - 1, $"{counters}");
        Assert.True(counters["contents", "miss"] == 1, $"{counters}");
        Assert.True(counters["memory", "hit"] == 0, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileThatIsWritten_WhenSomeTimeHasPassed_ThenTheFirstOpenFindsTheAnswer()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", NoMarks);
        string file = $"{watched.Mount.Path}/written";
        await Opener.PutAsync(file, RandomNumberGenerator.GetBytes(5_000));
        await Task.Delay(_settled, TestContext.Current.CancellationToken);

        await OpenAsync(file, 1);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["after_write", "scanned"] == 1, $"{counters}");
        Assert.True(counters["memory", "hit"] == 1, $"{counters}");
        Assert.True(counters["contents", "miss"] == 1, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAnInfectedFileThatIsWritten_WhenSomeTimeHasPassed_ThenItIsToldBeforeAnybodyOpensIt()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--profile", "strict", NoMarks);
        string file = $"{watched.Mount.Path}/written";
        await Opener.PutAsync(file, Samples.Eicar);

        Assert.True(await Poll.UntilAsync(_settled, () => watched.Scanner.Output.Records.Any(
            record => record.GetProperty("type").GetString() == "decision"
                && record.GetProperty("operation").GetString() == "write"
                && record.GetProperty("verdict").GetString() == "infected")));

        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenACopyOfAKnownFile_WhenOpened_ThenTheEngineIsNotAsked()
    {
        (WatchedFileSystem made, string file, byte[] content) = await StartWithFileAsync(FileSystemKind.Ext4);
        await using WatchedFileSystem watched = made;
        await OpenAsync(file, 1);

        string copy = $"{watched.Mount.Path}/copy";
        await Opener.PutAsync(copy, content);
        await OpenAsync(copy, 1);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["contents", "miss"] == 1, $"{counters}");
        Assert.True(counters["contents", "hit"] >= 1, $"{counters}");
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GivenAFileThatWasScanned_WhenTheDaemonIsRestarted_ThenTheEngineIsNotAskedAgain(bool isKilled)
    {
        (WatchedFileSystem made, string file, _) = await StartWithFileAsync(FileSystemKind.Ext4);
        await using WatchedFileSystem watched = made;
        await OpenAsync(file, 2);
        await Task.Delay(_stored, TestContext.Current.CancellationToken);
        if (isKilled)
        {
            await watched.Scanner.DisposeAsync();
        }
        else
        {
            await watched.Scanner.StopAsync();
        }

        await watched.StartScannerAsync([], "--profile", "strict", NoMarks);
        await OpenAsync(file, Opens);

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["contents", "miss"] == 0, $"{counters}");
        Assert.True(counters["contents", "hit"] + counters["store", "hit"] > 0, $"{counters}");
        Assert.True(counters["memory", "hit"] == Opens - 1, $"{counters}");
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAFileThatSomebodyHasOpenForWriting_WhenOpened_ThenItsVersionProvesNothing()
    {
        (WatchedFileSystem made, string file, _) = await StartWithFileAsync(FileSystemKind.Ext4);
        await using WatchedFileSystem watched = made;
        await OpenAsync(file, 2);
        using (ChildProcess writer = ChildProcess.Start(
            TimeSpan.FromSeconds(20), null, "sh", ["-c", $"exec 3>>'{file}'; echo open; sleep 20"]))
        {
            Assert.Equal("open", await writer.ReadLineAsync());
            await OpenAsync(file, Opens);
            writer.Kill();
        }

        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["memory", "hit"] <= 2, $"{counters}");
        Assert.True(counters["memory", "writer"] >= Opens, $"{counters}");
    }

    /// <summary>A file that is old enough to be kept at once, written while nobody watched.</summary>
    private static async Task<(WatchedFileSystem Watched, string File, byte[] Content)> StartWithFileAsync(
        FileSystemKind kind)
    {
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(kind);
        string file = $"{watched.Mount.Path}/known";
        byte[] content = RandomNumberGenerator.GetBytes(5_000);
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        await watched.StartScannerAsync([], "--profile", "strict", NoMarks);
        return (watched, file, content);
    }

    private static async Task OpenAsync(string file, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using ChildProcess reader = ChildProcess.Start(TimeSpan.FromSeconds(20), null, "cat", [file]);
            await reader.ResultAsync();
        }
    }
}
