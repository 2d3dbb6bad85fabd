using System.Globalization;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>What one user does must not cost another one time.</summary>
public sealed class FairnessTests(ITestOutputHelper output)
{
    private const string UserA = "60001";
    private const string UserB = "60002";

    private const int Flood = 5_000;

    /// <summary>clamd's default, which is assumed of a server whose configuration cannot be read.</summary>
    private const int ThreadsOfClamd = 10;

    private const int Runs = 5;
    private const int FilesOfB = 400;

    /// <summary>How much longer than alone the other user may wait.</summary>
    private const int MostTimes = 4;

    /// <summary>Below it the idle value is the machine's noise.</summary>
    private static readonly TimeSpan _noise = TimeSpan.FromMilliseconds(0.5);

    /// <summary>
    /// Until the processes of the flood run, and those of them that nothing will be done for are gone.
    /// </summary>
    private static readonly TimeSpan _begun = TimeSpan.FromSeconds(2);

    [Theory(Timeout = 180_000)]
    [InlineData("read")]
    [InlineData("open")]
    public async Task GivenAUserWhoFloodsAndStallsTheirOwnFileSystem_WhenAnotherUserOpensFiles_ThenNoneFailsAndTheyAreQuick(
        string stalledCall)
    {
        await using FakeClamd server = await FakeClamd.StartAsync(
            "slow-uid",
            TimeSpan.FromSeconds(1),
            ThreadsOfClamd,
            slowUser: int.Parse(UserA, CultureInfo.InvariantCulture));
        WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string slow = await WriteSlowFilesAsync(watched.Mount);
        await using ClamdCase test = await ClamdCase.StartAsync(watched, server.SocketPath, ["--profile", "strict"]);
        TimeSpan idle = await MedianP99Async(test, () => null);
        string stalledDirectory = watched.Mount.Subdirectory("stalled");
        await using StalledMount stalled = await StalledMount.MountAsync(stalledDirectory, UserA, stalledCall);
        string stalledFiles = watched.Mount.Work.In("stalled-list");
        await File.WriteAllLinesAsync(
            stalledFiles,
            Enumerable.Range(0, 40).Select(i => $"c {stalledDirectory}/{i}"),
            TestContext.Current.CancellationToken);
        using Opener stallers =
            Opener.Start(TimeSpan.FromSeconds(90), "as", UserA, "flood", "40", stalledFiles, "80");
        await stallers.BegunAsync();

        TimeSpan busy = await MedianP99Async(test, () =>
            Opener.Start(TimeSpan.FromSeconds(60), "as", UserA, "flood", $"{Flood}", slow, "30"));
        stallers.Kill();

        output.WriteLine($"p99 idle {idle.TotalMilliseconds:F2} ms, busy {busy.TotalMilliseconds:F2} ms");
        TimeSpan most = MostTimes * (idle > _noise ? idle : _noise);
        Assert.True(busy < most, $"p99 {busy.TotalMilliseconds:F1} ms, at most {most.TotalMilliseconds:F1} ms");
    }

    /// <summary>User B's p99, median of the runs, while the first user does what is started for each run.</summary>
    private async Task<TimeSpan> MedianP99Async(ClamdCase test, Func<Opener?> startDisturbance)
    {
        List<TimeSpan> p99 = [];
        for (int run = 0; run < Runs; run++)
        {
            string list = await test.WriteCleanAsync(FilesOfB);
            using Opener? disturbance = startDisturbance();
            if (disturbance is not null)
            {
                await disturbance.BegunAsync();
                await Task.Delay(_begun, TestContext.Current.CancellationToken);
            }

            LoadResult result = test.Add(
                await Opener.RunAsync(TimeSpan.FromSeconds(60), "as", UserB, "sweep", "2", list, "40"));
            output.WriteLine($"p50 {result.MedianWait.TotalMilliseconds:F2} ms, {result.Line}");
            result.AssertAllRight();
            p99.Add(result.P99Wait);
            if (disturbance is not null)
            {
                await AssertAnsweredAsync(disturbance);
            }
        }

        return p99.Order().ElementAt(Runs / 2);
    }

    private async Task AssertAnsweredAsync(Opener disturbance)
    {
        LoadResult flood = LoadResult.From(await disturbance.ResultAsync());
        output.WriteLine($"flood: {flood.Line}");
        Assert.Equal(Flood, flood.Opens);
        flood.AssertNothingInfectedAndNoneHung();
    }

    /// <summary>Files of user A, which are slow to scan because they are that user's.</summary>
    private static async Task<string> WriteSlowFilesAsync(LoopMount mount)
    {
        string directory = mount.Subdirectory("slow");
        await ChildProcess.RunAsync("chown", UserA, directory);
        string list = mount.Work.In("slow-list");
        await File.WriteAllLinesAsync(
            list, Enumerable.Range(0, Flood).Select(i => $"c {directory}/{i}"), TestContext.Current.CancellationToken);
        OpenerResult written = await Opener.RunAsync("as", UserA, "fill-list", list, "512");
        Assert.StartsWith($"ok {Flood} ", written.Line);
        return list;
    }
}
