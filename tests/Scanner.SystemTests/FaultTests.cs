using System.Text.Json;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>An exception in any room: nobody waits for ever, nothing infected is let through, and it is told.</summary>
public sealed class FaultTests
{
    private const int Openers = 60;
    private const int CleanOpeners = Openers / 2;

    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _printed = TimeSpan.FromSeconds(3);

    [Theory(Timeout = 60_000)]
    [InlineData("listening")]
    [InlineData("policy")]
    [InlineData("deciding")]
    [InlineData("scanning")]
    public async Task GivenARoomThatAlwaysThrows_WhenFilesAreOpened_ThenEveryOpenIsDeniedAndTheReasonIsTold(string room)
    {
        (WatchedFileSystem started, string list) = await StartAsync(room);
        await using WatchedFileSystem watched = started;

        LoadResult result = await LoadFiles.FloodAsync(list, Openers, _grace);

        Assert.Equal(Openers, result.Opens);
        result.AssertNothingInfectedAndNoneHung();
        Assert.True(result.CleanAllowed == 0, result.Line);
        Assert.Equal(Openers, await CountFailuresAsync(watched, Openers));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("listening", 20, 20)]
    [InlineData("deciding", 20, 20)]
    // One scan for all who open the same version of a file: how many come together is a matter of chance.
    [InlineData("scanning", 1, 60)]
    [InlineData("policy", 20, 20)]
    public async Task GivenARoomThatThrowsEveryThirdTime_WhenFilesAreOpened_ThenOnlyThoseOpensFail(
        string room, int least, int most)
    {
        (WatchedFileSystem started, string list) = await StartAsync($"{room}:3");
        await using WatchedFileSystem watched = started;

        LoadResult result = await LoadFiles.FloodAsync(list, Openers, _grace);

        Assert.Equal(Openers, result.Opens);
        result.AssertNothingInfectedAndNoneHung();
        Assert.Equal(CleanOpeners, result.CleanAllowed + result.CleanDenied);
        int failures = await CountFailuresAsync(watched, most);
        Assert.InRange(failures, least, most);
        Assert.Equal(result.CleanDenied, Failures(watched).Count(record => PathOf(record).Contains("/clean")));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("recording")]
    [InlineData("recording:3")]
    public async Task GivenRecordingThatThrows_WhenFilesAreOpened_ThenEveryAnswerIsRight(string fault)
    {
        (WatchedFileSystem started, string list) = await StartAsync(fault);
        await using WatchedFileSystem watched = started;

        LoadResult result = await LoadFiles.FloodAsync(list, Openers, _grace);

        Assert.Equal(Openers, result.Opens);
        result.AssertAllRight();
        Assert.Empty(Failures(watched));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenProfileAvailable_WhenARoomThrows_ThenTheOpenIsAllowedAndTheReasonIsTold()
    {
        (WatchedFileSystem started, string list) = await StartAsync("scanning", "available");
        await using WatchedFileSystem watched = started;

        LoadResult result = await LoadFiles.FloodAsync(list, Openers, _grace);

        Assert.True(result.Hung == 0 && result.Other == 0 && result.CleanDenied == 0, result.Line);
        Assert.Equal(Openers, await CountFailuresAsync(watched, Openers));
        Assert.All(Failures(watched), record => Assert.Equal("allow", record.GetProperty("decision").GetString()));
    }

    /// <summary>The files are there before anybody asks: under strict a fault would refuse their creation.</summary>
    private static async Task<(WatchedFileSystem Watched, string List)> StartAsync(
        string fault, string profile = "strict")
    {
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 10);
        await watched.StartScannerAsync([], "--profile", profile, "--deadline", "10s", "--fault", fault);
        return (watched, list);
    }

    private static async Task<int> CountFailuresAsync(WatchedFileSystem watched, int expected)
    {
        await Poll.UntilAsync(_printed, () => Failures(watched).Count >= expected);
        return Failures(watched).Count;
    }

    private static List<JsonElement> Failures(WatchedFileSystem watched) =>
        [.. watched.Scanner.Output.Records.Where(record =>
            record.GetProperty("type").GetString() == "decision"
            && record.GetProperty("reason").GetString() == "internal_error")];

    private static string PathOf(JsonElement record) => record.GetProperty("path").GetString()!;
}
