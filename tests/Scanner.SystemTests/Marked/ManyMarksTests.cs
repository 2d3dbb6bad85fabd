using System.Globalization;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Cached;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Marked;

/// <summary>Marks that come and go in great numbers.</summary>
public sealed class ManyMarksTests(ITestOutputHelper output)
{
    private const string User = "65534";

    private static readonly TimeSpan _prompt = TimeSpan.FromSeconds(10);

    private static readonly byte[] _clean = [.. Samples.Eicar.Select(_ => (byte)'c')];

    [Fact(Timeout = 90_000)]
    public async Task GivenCleanFilesThatAreMarkedAgainAndAgain_WhenManyOpenAnInfectedOneToo_ThenEachIsDenied()
    {
        const int seconds = 20;
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string infected = await watched.Mount.WriteAsync("infected", Samples.Eicar);
        List<string> lines = [];
        for (int i = 0; i < 20; i++)
        {
            lines.Add($"c {await watched.Mount.WriteAsync($"clean{i}", _clean)}");
            lines.Add($"i {infected}");
        }

        string list = watched.Mount.Work.In("list");
        await File.WriteAllLinesAsync(list, lines, TestContext.Current.CancellationToken);
        await watched.StartScannerAsync([], "--profile", "strict", "--deadline", "30s");
        using ChildProcess toggling = ChildProcess.Start(
            TimeSpan.FromSeconds(seconds + 30),
            null,
            "sh",
            ["-c", "while :; do chmod 644 \"$0\"/clean*; sleep 0.1; done", watched.Mount.Path]);

        LoadResult result = LoadResult.From(
            await Opener.RunAsync(TimeSpan.FromSeconds(seconds + 40), "loop", "16", $"{seconds}", list, "30"));
        toggling.Kill();

        result.AssertAllRight();
        LayerCounters counters = await LayerCounters.StopAsync(watched.Scanner);
        output.WriteLine($"{counters}");
        Assert.True(counters["marks", "set"] > 100 && counters["marks", "cleared_attributes"] > 100, $"{counters}");
    }

    [Fact(Timeout = 120_000)]
    public async Task GivenMoreNoticesThanAreQueued_WhenOneThatMatteredIsLost_ThenAllMarksAreDropped()
    {
        int files = int.Parse(
            await File.ReadAllTextAsync("/proc/sys/fs/fanotify/max_queued_events", TestContext.Current.CancellationToken),
            CultureInfo.InvariantCulture) + 500;
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string directory = watched.Mount.Subdirectory("many");
        string[] paths = [.. Enumerable.Range(0, files).Select(i => Path.Combine(directory, $"{i}"))];
        Array.ForEach(paths, path => File.WriteAllBytes(path, _clean));
        string last = await watched.Mount.WriteAsync("last", _clean);
        string infected = watched.Mount.Work.Write("infected", Samples.Eicar);
        string list = watched.Mount.Work.In("list");
        await File.WriteAllLinesAsync(
            list, paths.Append(last).Select(path => $"c {path}"), TestContext.Current.CancellationToken);
        await watched.StartScannerAsync([], "--profile", "strict", "--deadline", "30s");
        LoadResult opened = LoadResult.From(await Opener.RunAsync(TimeSpan.FromSeconds(60), "sweep", "1", list, "50"));
        Assert.Equal(files + 1, opened.CleanAllowed);
        await PassingFiles.AssertHasAsync(watched.Scanner, last);
        int worker = await watched.Scanner.WorkerAsync();

        // While nobody takes notices.
        Signals.Stop(worker);
        Assert.True(await Poll.UntilAsync(_prompt, () => ProcessTable.State(worker) == 'T'));
        CommandResult changed = await ChildProcess.RunAsync(
            "sh", "-c", "chmod -R go-w \"$0\" && chmod 666 \"$1\"", directory, last);
        using Opener user = Opener.Start(TimeSpan.FromSeconds(60), "as", User, "grab", last, infected);
        await user.SaysAsync("waiting");
        await user.SaysAsync("stored");
        Signals.Continue(worker);

        Assert.True(changed.ExitCode == 0, changed.Error);
        Assert.True(
            await Poll.UntilAsync(_prompt, async () => (await Opener.RunAsync("open", last)).Line == OpenerResult.Denied),
            $"{watched.Scanner.Error}");

        // A worker that stood still for too long was replaced, and its groups with it.
        string told = watched.Scanner.Error.ToString();
        Assert.True(told.Contains("LostNotices") || told.Contains("NewWorker"), told);
    }
}
