using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>What `scannerd watch` accepts, prints and returns.</summary>
public sealed partial class WatchCommandTests
{
    private const int UsageError = 2;

    /// <summary>
    /// A root file system of the test's own, into which everything else is bound: should the daemon not refuse to watch
    /// its root file system, it watches an empty tmpfs and not the machine's.
    /// </summary>
    private const string InsideAnEmptyRoot = """
        root=$1; shift
        mount -t tmpfs scanner-tests "$root" || exit 99
        mkdir "$root/inside"
        for entry in /*; do
            if [ -L "$entry" ]; then cp -P "$entry" "$root$entry"
            elif [ -d "$entry" ]; then mkdir "$root$entry" && mount --rbind "$entry" "$root$entry" || exit 99
            fi
        done
        exec chroot "$root" "$@"
        """;

    private static readonly TimeSpan _printed = TimeSpan.FromSeconds(5);

    [Fact(Timeout = 60_000)]
    public async Task GivenADirectory_WhenWatched_ThenTheStartLineNamesItAndComesBeforeReady()
    {
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(mount.Path);

        string[] lines = [.. scanner.Output.Lines];

        Assert.Contains(lines.TakeWhile(line => line != "ready"), line => line.Contains(mount.Path));
        Assert.Single(lines, "ready");
        Assert.Equal(0, await scanner.StopAsync());
    }

    [Theory(Timeout = 60_000)]
    [InlineData("--no-such-option")]
    [InlineData("--profile", "lenient")]
    [InlineData("--deadline", "soon")]
    [InlineData("--engine", "crystal-ball")]
    public async Task GivenAWrongOption_WhenStarted_ThenItIsNamedAndTheExitCodeIsTwo(params string[] options)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Tmpfs);

        CommandResult result = await ScannerProcess.RunAsync([], [mount.Path, .. options]);

        Assert.Equal(UsageError, result.ExitCode);
        Assert.NotEmpty(result.Error);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenADirectoryThatDoesNotExist_WhenStarted_ThenItIsNamedAndNothingRuns()
    {
        CommandResult result = await ScannerProcess.RunAsync([], "/nonexistent/directory");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("/nonexistent/directory", result.Error);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("/")]
    [InlineData("/inside")]
    public async Task GivenTheRootFileSystem_WhenStartedWithoutTheOptionForIt_ThenItIsRefused(string directory)
    {
        await using WorkDirectory work = new();
        string[] prefix =
            ["unshare", "--mount", "sh", "-c", InsideAnEmptyRoot, "sh", work.Subdirectory("root")];

        CommandResult result = await ScannerProcess.RunAsync(prefix, directory);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("--whole-root", result.Error);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenObserve_WhenAnInfectedFileIsOpened_ThenItIsReportedAndAllowed()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--observe");
        string file = await watched.Mount.WriteAsync("infected", Samples.Eicar);

        OpenerResult result = await Opener.RunAsync("open", file);

        Assert.Equal(OpenerResult.Content(Samples.Eicar), result.Line);
        JsonElement record = await DecisionAsync(watched.Scanner, file);
        Assert.Equal("infected", record.GetProperty("verdict").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenJson_WhenAnInfectedFileIsOpened_ThenTheDenialHasEveryField()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(FileSystemKind.Ext4);
        string file = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(20), "open", file);
        await opener.ResultAsync();

        JsonElement record = await DecisionAsync(watched.Scanner, file);

        Assert.Equal("deny", record.GetProperty("decision").GetString());
        Assert.Equal(file, Encoding.UTF8.GetString(record.GetProperty("path_b64").GetBytesFromBase64()));
        Assert.Equal(opener.Id, record.GetProperty("pid").GetInt32());
        Assert.Equal(NativeProgram.Opener, record.GetProperty("exe").GetString());
        Assert.Equal("open", record.GetProperty("operation").GetString());
        Assert.Equal("infected", record.GetProperty("verdict").GetString());
        Assert.Contains("eicar", record.GetProperty("signature").GetString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("signatures", record.GetProperty("engine").GetString());
        Assert.True(record.TryGetProperty("reason", out _));
        Assert.InRange(record.GetProperty("duration_ms").GetDouble(), 0, 20_000);
        Assert.InRange(
            record.GetProperty("time").GetDateTimeOffset(),
            TimeProvider.System.GetUtcNow().AddMinutes(-5),
            TimeProvider.System.GetUtcNow().AddMinutes(5));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenJson_WhenAnInfectedProgramIsRun_ThenTheOperationIsExec()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(FileSystemKind.Ext4);
        byte[] content = Samples.Content(SampleKind.Executable, infected: true);
        string file = await watched.Mount.WriteAsync("infected", content, "755");
        await Opener.RunAsync("exec", file);

        JsonElement record = await DecisionAsync(watched.Scanner, file);

        Assert.Equal("exec", record.GetProperty("operation").GetString());
        Assert.Contains("Test.Infected.Executable", record.GetProperty("signature").GetString());
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GivenAnOpenOfACleanFile_WhenItIsAllowed_ThenItIsPrintedOnlyIfVerbose(bool verbose)
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, verbose ? ["--verbose"] : []);
        string clean = await watched.Mount.WriteAsync("clean", Samples.CleanText);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        await Opener.RunAsync("open", clean);
        await Opener.RunAsync("open", infected);

        // The denial comes after it, so what is not there by then has not been printed.
        await DecisionAsync(watched.Scanner, infected);

        Assert.Equal(verbose, Decisions(watched.Scanner, clean).Any());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenText_WhenAnInfectedFileIsOpened_ThenOneLineNamesFileAndSignatureAndForgesNoOther()
    {
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        await using ScannerProcess scanner = await ScannerProcess.StartAsync(mount.Path);
        string file = await mount.WriteAsync("infected\nready", Samples.Eicar);
        await Opener.RunAsync("open", file);

        bool printed = await Poll.UntilAsync(
            _printed, () => scanner.Output.Lines.Any(line => line.Contains(mount.In("infected"))));

        Assert.True(printed, scanner.ToString());
        string line = scanner.Output.Lines.First(line => line.Contains(mount.In("infected")));
        Assert.Contains("eicar", line, StringComparison.OrdinalIgnoreCase);
        Assert.Single(scanner.Output.Lines, "ready");
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenAnOutputThatNobodyReads_WhenItIsFull_ThenRepliesGoOn()
    {
        await using WatchedFileSystem watched =
            await WatchedFileSystem.StartAsync(FileSystemKind.Ext4, "--verbose", "--profile", "strict");
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 10);
        await watched.Scanner.Output.PauseAsync();

        // Thousands of lines, where a pipe holds a few hundred.
        LoadResult result = LoadResult.From(await Opener.RunAsync("loop", "4", "5", list, "10"));
        watched.Scanner.Output.Resume();

        Assert.True(result.Opens > 1_000, result.Line);
        result.AssertAllRight();
        result.AssertNoWaitBeyond(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await watched.Scanner.StopAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenNoDirectory_WhenStarted_ThenItOffersACleanAndAnInfectedFileAndCleansUp()
    {
        IReadOnlyList<string> mountsBefore = MountTable.AtOrBelow("/run/scanner");
        await using ScannerProcess scanner = await ScannerProcess.StartAsync();
        string[] files =
        [
            .. scanner.Output.Lines
                .SelectMany(line => DemonstrationPath().Matches(line).Select(match => match.Value.TrimEnd('.')))
                .Distinct()
                .Where(File.Exists),
        ];

        List<string> results = [];
        foreach (string file in files)
        {
            CommandResult cat = await ChildProcess.RunAsync("cat", file);
            results.Add(cat.ExitCode == 0 ? "allowed" : cat.Error.Contains("not permitted") ? "denied" : cat.Error);
        }

        results.Sort(StringComparer.Ordinal);
        Assert.Equal(["allowed", "denied"], results);
        Assert.Equal(0, await scanner.StopAsync());
        Assert.Equal(mountsBefore, MountTable.AtOrBelow("/run/scanner"));
        Assert.DoesNotContain(files, File.Exists);
    }

    [GeneratedRegex("/run/scanner/[^\\s\"'`,;:()]+")]
    private static partial Regex DemonstrationPath();

    private static IEnumerable<JsonElement> Decisions(ScannerProcess scanner, string path) =>
        scanner.Output.Records.Where(record =>
            record.GetProperty("type").GetString() == "decision" && record.GetProperty("path").GetString() == path);

    /// <summary>The decision about an infected file, not the one about its creation when it was empty.</summary>
    private static async Task<JsonElement> DecisionAsync(ScannerProcess scanner, string path)
    {
        bool Infected(JsonElement record) => record.GetProperty("verdict").GetString() == "infected";
        bool printed = await Poll.UntilAsync(_printed, () => Decisions(scanner, path).Any(Infected));
        Assert.True(printed, $"no decision about {path} was printed:\n{scanner}");
        return Decisions(scanner, path).First(Infected);
    }
}
