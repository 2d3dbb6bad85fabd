using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>A server that never answers holds up those who open its files, and nobody else.</summary>
public sealed class StalledFileTests(ITestOutputHelper output)
{
    private const string User = "60001";
    private const int Pairs = 20;

    [Theory(Timeout = 120_000)]
    [InlineData("close", 20)]
    [InlineData("look", 400)]
    public async Task GivenFilesWhoseServerNeverAnswers_WhenMoreAreOpenedThanThereIsRoomFor_ThenOthersAreScanned(
        string call, int opens)
    {
        Requirement.Tool("prlimit");
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);

        // Some 300 slots.
        await watched.StartScannerAsync(
            ["prlimit", "--nofile=1024"], $"clamd:{server.SocketPath}", ["--profile", "strict", "--deadline", "2s"]);
        string directory = watched.Mount.Subdirectory("stalled");
        string before = await WritePairsAsync(watched.Mount, "before");
        string during = await WritePairsAsync(watched.Mount, "during");
        LoadResult idle = await SweepAsync(before);
        await using StalledMount stalled = await StalledMount.MountAsync(directory, User, call);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        string list = watched.Mount.Work.In("stalled-list");
        await File.WriteAllLinesAsync(
            list, Enumerable.Range(0, opens).Select(i => $"c {directory}/{i}"), TestContext.Current.CancellationToken);
        using Opener stallers = Opener.Start(TimeSpan.FromSeconds(60), "as", User, "flood", $"{opens}", list, "50");
        await stallers.BegunAsync();

        // Beyond their deadline, when nobody waits for them any more.
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        LoadResult busy = await SweepAsync(during);
        stallers.Kill();

        output.WriteLine($"idle {idle.Line}\nbusy {busy.Line}");
        idle.AssertAllRight();
        busy.AssertAllRight();
    }

    /// <summary>Whoever closes a file of the server waits for it, and readers must not.</summary>
    [Theory(Timeout = 60_000)]
    // More than there is room for: what is refused has to be closed as well.
    [InlineData(100, "cat \"$0/$i\"")]
    // The writer's closing is answered, and then the kernel tells that it was written.
    [InlineData(10, ": >>\"$0/$i\"")]
    public async Task GivenFilesWhoseServerNeverCloses_WhenTheyAreOpened_ThenNoReaderWaitsForIt(int opens, string open)
    {
        Requirement.Tool("prlimit");
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await watched.StartScannerAsync(
            ["prlimit", "--nofile=1024"], "signatures", ["--profile", "available", "--deadline", "2s"]);
        string directory = watched.Mount.Subdirectory("stalled");
        await using StalledMount stalled = await StalledMount.MountAsync(directory, User, "close");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        using ChildProcess openers = ChildProcess.Start(
            TimeSpan.FromSeconds(40), null, "sh", ["-c", $"for i in $(seq {opens}); do {open} & done; wait", directory]);

        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        int worker = await watched.Scanner.WorkerAsync();
        IReadOnlyList<string> stacks = StacksOf(worker, "reader ");
        openers.Kill();

        Assert.NotEmpty(stacks);
        Assert.DoesNotContain(stacks, stack => stack.Contains("fuse_", StringComparison.Ordinal));
        Assert.Contains(StacksOf(worker, "closing files"), stack => stack.Contains("fuse_", StringComparison.Ordinal));
    }

    /// <summary>Where in the kernel the threads of a name are.</summary>
    private static IReadOnlyList<string> StacksOf(int process, string name) =>
        [.. Directory.GetDirectories($"/proc/{process}/task")
            .Where(thread => File.ReadAllText($"{thread}/comm").StartsWith(name, StringComparison.Ordinal))
            .Select(thread => File.ReadAllText($"{thread}/stack"))];

    private static async Task<LoadResult> SweepAsync(string list) =>
        LoadResult.From(await Opener.RunAsync(TimeSpan.FromSeconds(40), "sweep", "2", list, "30"));

    private static async Task<string> WritePairsAsync(LoopMount mount, string name)
    {
        string list = mount.Work.In(name);
        string directory = mount.Subdirectory(name);
        await File.WriteAllLinesAsync(
            list,
            Enumerable.Range(0, 2 * Pairs).Select(i => $"{(i % 2 == 1 ? 'i' : 'c')} {directory}/{i}"),
            TestContext.Current.CancellationToken);
        using ChildProcess writer = ChildProcess.Start(
            TimeSpan.FromSeconds(20), Samples.Eicar, NativeProgram.Opener, ["fill-list", list, "4096"]);
        CommandResult written = await writer.ResultAsync();
        Assert.StartsWith($"ok {2 * Pairs} ", written.Output);
        return list;
    }
}
