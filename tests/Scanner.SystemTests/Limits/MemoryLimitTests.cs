using System.Globalization;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Limits;

/// <summary>Both processes in a control group that has not memory enough.</summary>
public sealed class MemoryLimitTests(ITestOutputHelper output)
{
    private const int Signatures = 1_000_000;
    private const long Room = 24L << 20;

    /// <summary>Enough for the supervisor.</summary>
    private const long LittleMemory = 16L << 20;

    private static readonly TimeSpan _killed = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _recovery = TimeSpan.FromSeconds(60);

    [Fact(Timeout = 240_000)]
    public async Task GivenALimitThatTheWorkerExceeds_WhenTheKernelKillsIt_ThenTheSupervisorLivesAndAnotherProtects()
    {
        await using MemoryGroup memory = MemoryGroup.Create();
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        string list = await LoadFiles.CreateAsync(watched.Mount, pairs: 10);
        await watched.StartScannerAsync(memory.Prefix, "--profile", "strict", "--deadline", "2s");
        int supervisor = watched.Scanner.SupervisorId;
        int worker = await watched.Scanner.WorkerAsync();
        Assert.True(AdjustmentOf(worker) > AdjustmentOf(supervisor), "the kernel may prefer the supervisor");
        await memory.LimitAsync(memory.Usage + Room);
        Task<OpenerResult> opens = Opener.RunAsync(_recovery, "loop", "4", "20", list, "20");

        // What the worker loads at once.
        await WriteSignaturesAsync(watched.Mount.Work.In("signatures/more.hsb"));
        bool isKilled = await Poll.UntilAsync(_killed, () => memory.Kills > 0);
        LoadResult during = LoadResult.From(await opens);

        output.WriteLine($"{memory.Kills} killed; {during.Line}");
        Assert.True(isKilled, watched.Scanner.ToString());
        Assert.True(ProcessTable.IsAlive(supervisor), "the supervisor was killed");
        Assert.False(watched.Scanner.HasExited);
        during.AssertNothingInfectedAndNoneHung();

        await memory.LimitAsync(null);
        bool isRight = await Poll.UntilAsync(_recovery, async () => await IsRightAsync(watched));
        Assert.True(isRight, watched.Scanner.ToString());
    }

    [Fact(Timeout = 180_000)]
    public async Task GivenALimitThatNoWorkerCanStartBelow_WhenFilesAreOpened_ThenTheCrashActionAnswers()
    {
        await using MemoryGroup memory = MemoryGroup.Create();
        await using WatchedFileSystem watched = await WatchedFileSystem.PrepareAsync(FileSystemKind.Ext4);
        await LoadFiles.CreateAsync(watched.Mount, pairs: 1);
        await watched.StartScannerAsync(
            memory.Prefix, "--profile", "strict", "--deadline", "2s", "--crash-deaths", "3");

        Signals.Kill(await watched.Scanner.WorkerAsync());
        await memory.LimitAsync(LittleMemory);
        bool isTold = await Poll.UntilAsync(_killed, () => watched.Scanner.Error.ToString().Contains("NO OPENS"));

        Assert.True(isTold && memory.Kills > 0, watched.Scanner.ToString());
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", watched.Mount.In("clean0"))).Line);
        Assert.True(ProcessTable.IsAlive(watched.Scanner.SupervisorId), "the supervisor was killed");
        await memory.LimitAsync(null);
        bool isRight = await Poll.UntilAsync(_recovery, async () => await IsRightAsync(watched));
        Assert.True(isRight, watched.Scanner.ToString());
    }

    private static int AdjustmentOf(int processId) =>
        int.Parse(File.ReadAllText($"/proc/{processId}/oom_score_adj"), CultureInfo.InvariantCulture);

    private static async Task<bool> IsRightAsync(WatchedFileSystem watched) =>
        (await Opener.RunAsync("open", watched.Mount.In("clean0"))).Line
            == OpenerResult.Content([.. Samples.CleanText, 0])
        && (await Opener.RunAsync("open", watched.Mount.In("infected0"))).Line == OpenerResult.Denied;

    private static async Task WriteSignaturesAsync(string path)
    {
        string temporary = Path.ChangeExtension(path, ".tmp");
        await using (StreamWriter file = new(temporary))
        {
            for (int i = 0; i < Signatures; i++)
            {
                await file.WriteLineAsync($"{i:x64}:{100 + (i % 1000)}:Test.Infected.Number{i}");
            }
        }

        File.Move(temporary, path);
    }
}
