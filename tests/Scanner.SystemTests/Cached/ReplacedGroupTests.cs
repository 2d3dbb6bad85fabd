using System.Diagnostics;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Cached;

/// <summary>
/// A file that the kernel lets pass unasked although it is infected, as if it had been clean: once what such marks rest
/// on is gone, its opens are asked about again.
/// </summary>
public sealed class ReplacedGroupTests(ITestOutputHelper output)
{
    private const int Kills = 8;

    /// <summary>Lists are looked at every second, and must stay the same for one more.</summary>
    private static readonly TimeSpan _reloaded = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan _prompt = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _restarted = TimeSpan.FromSeconds(20);

    /// <summary>Old groups stay for ten seconds.</summary>
    private static readonly TimeSpan _left = TimeSpan.FromSeconds(40);

    [Fact(Timeout = 120_000)]
    public async Task GivenAFileThatPasses_WhenAListIsAdded_ThenItIsAskedAboutAgain()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(FileSystemKind.Ext4);
        string file = await PassAsync(watched);

        await File.WriteAllTextAsync(
            Path.Combine(watched.Mount.Work.In("signatures"), "another.hsb"),
            $"{new string('0', 64)}:5:Another\n",
            TestContext.Current.CancellationToken);

        Assert.True(await Poll.UntilAsync(_reloaded, () => IsDeniedAsync(file)), $"{watched.Scanner}");
        await AssertOneGroupIsLeftAsync(watched);
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["replacements", "new_signatures"] == 1, $"{counters}");
    }

    [Theory(Timeout = 120_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Xfs)]
    [InlineData(FileSystemKind.Btrfs)]
    public async Task GivenAFileThatPasses_WhenTheImageIsOpened_ThenItIsAskedAboutAgainAtOnce(FileSystemKind kind)
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(kind);
        string file = await PassAsync(watched);

        Stopwatch time = Stopwatch.StartNew();
        using (File.OpenRead(watched.Mount.Image))
        {
            Assert.True(await Poll.UntilAsync(_prompt, () => IsDeniedAsync(file)), $"{watched.Scanner}");
        }

        output.WriteLine($"denied {time.Elapsed.TotalMilliseconds:F0} ms after the image was opened");
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        Assert.True(counters["replacements", "versions_distrusted"] == 1, $"{counters}");
    }

    [Fact(Timeout = 180_000)]
    public async Task GivenAFileThatPasses_WhenWorkersAreKilledWhileTheyReplaceGroups_ThenItIsAskedAboutInTheEnd()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.StartAsync(
            FileSystemKind.Ext4, "--profile", "strict", "--deadline", "2s");
        string file = await PassAsync(watched);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 20);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        using Opener load = Opener.Start(TimeSpan.FromSeconds(60), "loop", "20", "14", list, "20");
        await load.BegunAsync();
        List<string> groups = [];
        for (int i = 0; i < Kills; i++)
        {
            int worker = await watched.Scanner.WorkerAsync();

            // It finds the marks of the one before it, which it has to replace as soon as it runs.
            await Task.Delay(random.Next(50, i % 2 == 0 ? 500 : 2_000), TestContext.Current.CancellationToken);
            groups.Add(await TryMarkAsync(watched, file));
            Signals.Kill(worker);
            Assert.True(await Poll.UntilAsync(_restarted, () => !ProcessTable.IsAlive(worker)));
        }

        output.WriteLine($"seed {seed}; {string.Join(", ", groups)}");
        LoadResult result = LoadResult.From(await load.ResultAsync());
        result.AssertNothingInfectedAndNoneHung();
        Assert.True(await Poll.UntilAsync(_restarted, () => IsDeniedAsync(file)), $"{watched.Scanner}");
        await AssertOneGroupIsLeftAsync(watched);
        Assert.True(await IsDeniedAsync(file));
    }

    /// <summary>Makes an infected file whose opens are not asked about.</summary>
    private static async Task<string> PassAsync(WatchedFileSystem watched)
    {
        string file = await watched.Mount.WriteAsync("passing", Samples.Eicar);
        Assert.True(await IsDeniedAsync(file));
        Assert.EndsWith("marked=1", await MarkAsync(watched, file));
        Assert.Equal(OpenerResult.Content(Samples.Eicar), (await Opener.RunAsync("open", file)).Line);
        return file;
    }

    private static async Task<bool> IsDeniedAsync(string file) =>
        (await Opener.RunAsync("open", file)).Line == OpenerResult.Denied;

    private static async Task AssertOneGroupIsLeftAsync(WatchedFileSystem watched)
    {
        string groups = "";
        Assert.True(
            await Poll.UntilAsync(_left, async () => (groups = await TryMarkAsync(watched)).StartsWith("open=1 ")),
            $"{groups}\n{watched.Scanner}");
    }

    private static async Task<string> MarkAsync(WatchedFileSystem watched, params string[] files)
    {
        string result = await TryMarkAsync(watched, files);
        Assert.StartsWith("open=", result);
        return result;
    }

    /// <summary>Marks files in the worker's groups.</summary>
    /// <returns>How many groups there are; anything else where there is no worker at the moment.</returns>
    private static async Task<string> TryMarkAsync(WatchedFileSystem watched, params string[] files)
    {
        int worker = await watched.Scanner.WorkerAsync();
        string first = ProcessTable.CommandLine(worker).Trim().Split(' ')[^1];
        CommandResult result = await ChildProcess.RunAsync(
            NativeProgram.At("pass_unasked"), [$"{worker}", first, .. files]);
        return result.Output.Trim() + result.Error.Trim();
    }
}
