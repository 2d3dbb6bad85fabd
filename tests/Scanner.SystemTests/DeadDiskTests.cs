using Scanner.SystemTests.Access;
using Scanner.SystemTests.Clamd;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>A disk that goes away while its files are scanned: files on others are decided on as ever.</summary>
public sealed class DeadDiskTests(ITestOutputHelper output)
{
    private const int Files = 20;
    private const int Pairs = 40;

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _afterDeadline = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _back = TimeSpan.FromSeconds(20);

    [Fact(Timeout = 120_000)]
    public async Task GivenADiskThatGoesAway_WhenItsFilesAreOpened_ThenFilesOnOthersAreDecidedOnInTime()
    {
        await using StalledDisk disk = await StalledDisk.CreateAsync();
        string[] paths = [.. Enumerable.Range(0, Files).Select(i => disk.In($"file{i}"))];
        foreach (string path in paths)
        {
            await Opener.PutAsync(path, [.. Samples.CleanText, .. new byte[64 << 10]]);
        }

        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await watched.StartScannerAsync(
            [], disk.Path, "--profile", "strict", "--deadline", $"{(int)_deadline.TotalSeconds}s");
        await ForgetContentAsync(disk, paths);
        disk.GoAway();
        List<Opener> openers = [.. paths.Select(path => Opener.Start(TimeSpan.FromSeconds(60), "open", path))];
        try
        {
            foreach (Opener opener in openers)
            {
                await opener.BlockedAsync();
            }

            await AssertDecidedInTimeAsync(watched, "first");
            await Task.Delay(_deadline, TestContext.Current.CancellationToken);

            // Nobody waits for them any more, but whoever reads the files still hangs.
            await AssertDecidedInTimeAsync(watched, "second");
            disk.ComeBack();
            foreach (Opener opener in openers)
            {
                Assert.Equal(OpenerResult.Denied, (await opener.ResultAsync()).Line);
            }

            bool isBack = await Poll.UntilAsync(
                _back,
                async () => (await Opener.RunAsync("open", paths[0])).Line.StartsWith("ok ", StringComparison.Ordinal));
            Assert.True(isBack, $"files on the disk that is back are still refused:\n{watched.Scanner}");
        }
        finally
        {
            openers.ForEach(opener => opener.Dispose());
        }
    }

    /// <summary>Leaves in memory only what is needed to open the files.</summary>
    private static async Task ForgetContentAsync(StalledDisk disk, string[] paths)
    {
        await ChildProcess.MustAsync("sync", "--file-system", disk.Path);
        await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3", TestContext.Current.CancellationToken);
        await ChildProcess.MustAsync("stat", paths);
    }

    private async Task AssertDecidedInTimeAsync(WatchedFileSystem watched, string directory)
    {
        watched.Mount.Subdirectory(directory);
        List<string> lines = [];
        for (int i = 0; i < Pairs; i++)
        {
            lines.Add($"c {await watched.Mount.WriteAsync($"{directory}/clean{i}", [.. Samples.CleanText, (byte)i])}");
            lines.Add($"i {await watched.Mount.WriteAsync($"{directory}/infected{i}", Samples.Eicar)}");
        }

        string list = watched.Mount.Work.In(directory);
        await File.WriteAllLinesAsync(list, lines, TestContext.Current.CancellationToken);
        LoadResult result = LoadResult.From(await Opener.RunAsync("sweep", "4", list, "15"));
        output.WriteLine(result.Line);
        result.AssertAllRight();
        result.AssertNoWaitBeyond(_deadline + _afterDeadline);
    }
}
