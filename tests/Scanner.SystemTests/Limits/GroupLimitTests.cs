using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Limits;

/// <summary>More file systems than there are groups for.</summary>
public sealed class GroupLimitTests(ITestOutputHelper output)
{
    private const string Setting = "fs.fanotify.max_user_groups";
    private const int Mounts = 10;
    private const int CannotWatch = 3;

    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(5);

    /// <summary>Within which an attempt is made more than once.</summary>
    private static readonly TimeSpan _attempts = TimeSpan.FromSeconds(3);

    [Fact(Timeout = 60_000)]
    public async Task GivenMoreFileSystemsThanGroups_WhenStarted_ThenItRefusesAndNamesThemAndTheSetting()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        string[] points = await MountBelowAsync(watched);
        using HeldGroups held = await HeldGroups.StartAsync(left: 4);

        CommandResult result = await ScannerProcess.RunAsync(HeldGroups.Prefix, watched.Mount.Path);

        output.WriteLine(result.Error);
        Assert.Equal(CannotWatch, result.ExitCode);
        Assert.Contains(Setting, result.Error, StringComparison.Ordinal);
        Assert.Contains($"{points[^1]}: NOT PROTECTED", result.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = 90_000)]
    public async Task GivenFileSystemsBeyondTheGroups_WhenGroupsAreFreeAgain_ThenThoseThatWereNamedAreProtected()
    {
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Tmpfs);
        using HeldGroups held = await HeldGroups.StartAsync(left: 6);
        await watched.StartScannerAsync(HeldGroups.Prefix, "--profile", "strict");
        string first = await watched.Mount.WriteAsync("infected", Samples.Eicar);

        string[] infected = [.. (await MountBelowAsync(watched)).Select(point => Path.Combine(point, "infected"))];
        foreach (string file in infected)
        {
            await Opener.PutAsync(file, Samples.Eicar);
        }

        await Task.Delay(_attempts, TestContext.Current.CancellationToken);
        string[] open = [.. await AllowedAsync(infected)];
        output.WriteLine($"{open.Length} of {infected.Length} are not protected");
        Assert.InRange(open.Length, 1, infected.Length - 1);
        Assert.All(open, file => Assert.Single(ComplaintsOf(watched, file)));
        Assert.All(infected.Except(open), file => Assert.Empty(ComplaintsOf(watched, file)));
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", first)).Line);

        held.Release();
        bool isProtected = await Poll.UntilAsync(_noticed, async () => (await AllowedAsync(infected)).Count == 0);
        Assert.True(isProtected, watched.Scanner.ToString());
        Assert.Equal(0, await watched.Scanner.StopAsync());
        long told = watched.Scanner.Output.Records
            .Single(record => record.GetProperty("type").GetString() == "counters")
            .GetProperty("listening").GetProperty("not_in_order").GetInt64();
        Assert.InRange(told, open.Length, long.MaxValue);
    }

    private static async Task<string[]> MountBelowAsync(WatchedFileSystem watched)
    {
        string[] points = [.. Enumerable.Range(10, Mounts).Select(i => watched.Mount.Subdirectory($"point{i}"))];
        foreach (string point in points)
        {
            await ChildProcess.MustAsync("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "scanner-tests", point);
        }

        return points;
    }

    private static async Task<IReadOnlyList<string>> AllowedAsync(string[] files)
    {
        List<string> allowed = [];
        foreach (string file in files)
        {
            if ((await Opener.RunAsync("open", file)).Line != OpenerResult.Denied)
            {
                allowed.Add(file);
            }
        }

        return allowed;
    }

    private static IEnumerable<string> ComplaintsOf(WatchedFileSystem watched, string file) =>
        watched.Scanner.Error.Lines.Where(
            line => line.Contains($"{Path.GetDirectoryName(file)}: NOT PROTECTED") && line.Contains(Setting));
}
