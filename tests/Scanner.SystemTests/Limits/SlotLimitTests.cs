using System.Globalization;
using System.Text.RegularExpressions;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Limits;

/// <summary>More opens at once than there are slots, of which each takes two descriptors.</summary>
public sealed partial class SlotLimitTests(ITestOutputHelper output)
{
    /// <summary>A number of descriptors that leaves some 300 slots, half of them for one user at most.</summary>
    private const string FewDescriptors = "--nofile=1024:1024";

    private const int Users = 4;
    private const int OpensOfEach = 120;

    private static readonly TimeSpan _scan = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(40);

    [Theory(Timeout = 120_000)]
    [InlineData("strict")]
    [InlineData("available")]
    public async Task GivenASlowEngine_WhenMoreOpensWaitThanThereAreSlots_ThenTheOthersGetTheActionForAFullQueue(
        string profile)
    {
        Requirement.Tool("prlimit");
        await using FakeClamd engine = await FakeClamd.StartAsync("right", _scan);
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 100);
        await watched.StartScannerAsync(
            ["prlimit", FewDescriptors],
            $"clamd:{engine.SocketPath}",
            ["--profile", profile, "--deadline", "10s", "--cache", "none"]);

        LoadResult[] results = await FloodAsync(list);

        long refused = Refused(watched.Scanner);
        output.WriteLine($"{refused} of {Users * OpensOfEach} opens found no slot");
        Assert.InRange(refused, 1, Users * OpensOfEach);
        Assert.Equal(Users * OpensOfEach, results.Sum(result => result.Opens));
        Assert.All(results, result => Assert.True(result.Hung == 0 && result.Other == 0, result.Line));
        bool isStrict = profile == "strict";
        Assert.Equal(isStrict, results.Sum(result => result.InfectedAllowed) == 0);
        Assert.Equal(isStrict, results.Sum(result => result.CleanDenied) > 0);
        await AssertAsGoodAsNewAsync(watched);
        Assert.Equal(0, await watched.Scanner.StopAsync());
        Assert.Equal(refused, Counter(watched.Scanner, "queue_full"));
    }

    [Fact(Timeout = 30_000)]
    public async Task GivenTooFewDescriptorsForAnySlot_WhenStarted_ThenItRefusesAndNamesTheLimit()
    {
        Requirement.Tool("prlimit");
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Tmpfs);

        CommandResult result = await ScannerProcess.RunAsync(["prlimit", "--nofile=1000:1000"], mount.Path);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("RLIMIT_NOFILE is 1000", result.Error, StringComparison.Ordinal);
        Assert.Contains("1024", result.Error, StringComparison.Ordinal);
    }

    private static async Task<LoadResult[]> FloodAsync(string list)
    {
        string[] Command(int user) =>
            ["as", $"{60_010 + user}", "flood", $"{OpensOfEach}", list, $"{(int)_limit.TotalSeconds}"];

        OpenerResult[] results = await Task.WhenAll(
            Enumerable.Range(0, Users).Select(user => Opener.RunAsync(2 * _limit, Command(user))));
        return [.. results.Select(LoadResult.From)];
    }

    private static async Task AssertAsGoodAsNewAsync(WatchedFileSystem watched)
    {
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        bool isRight = await Poll.UntilAsync(
            _limit,
            async () => (await Opener.RunAsync("open", clean)).Line == OpenerResult.Content(Samples.CleanText)
                && (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);
        Assert.True(isRight, watched.Scanner.ToString());
    }

    private static long Refused(ScannerProcess scanner) =>
        scanner.Error.Lines.Select(line => QueueFull().Match(line)).Where(match => match.Success)
            .Sum(match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    private static long Counter(ScannerProcess scanner, string name) =>
        scanner.Output.Records.Single(record => record.GetProperty("type").GetString() == "counters")
            .GetProperty("listening").GetProperty(name).GetInt64();

    [GeneratedRegex(@"No slot was free: (\d+) opens got the action for a full queue")]
    private static partial Regex QueueFull();
}
