using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>A watched file system whose daemon asks clamd, and the account of what became of the opens on it.</summary>
internal sealed class ClamdCase : IAsyncDisposable
{
    public const string EngineUnavailable = "engine_unavailable";
    public const string DeadlinePassed = "deadline_passed";
    public const string TooLarge = "too_large";

    /// <summary>What a deadline may be exceeded by (README: every event is answered by then).</summary>
    public static readonly TimeSpan AfterDeadline = TimeSpan.FromMilliseconds(100);

    /// <summary>Within which a server that is back must be used again.</summary>
    public static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2);

    private readonly List<LoadResult> _loads = [];
    private int _worker;
    private int _descriptors;
    private int _lists;

    private ClamdCase(WatchedFileSystem watched) => Watched = watched;

    public WatchedFileSystem Watched { get; }

    public LoopMount Mount => Watched.Mount;

    public ScannerProcess Scanner => Watched.Scanner;

    public IReadOnlyList<Decision> Decisions => [.. Scanner.Output.Records.Select(Decision.From).OfType<Decision>()];

    /// <summary>Starts a daemon on a new file system, with the profile that denies what could not be scanned.</summary>
    public static Task<ClamdCase> StartAsync(string socket, params string[] options) =>
        StartAsync(FileSystemKind.Ext4, socket, ["--profile", "strict", .. options]);

    /// <summary>Starts a daemon on a file system that exists, for servers that live on it.</summary>
    public static async Task<ClamdCase> StartAsync(WatchedFileSystem watched, string socket, string[] options)
    {
        await watched.StartScannerAsync([], $"clamd:{socket}", ["--verbose", .. options]);
        ClamdCase started = new(watched) { _worker = await watched.Scanner.WorkerAsync() };
        started._descriptors = ProcessTable.OpenFilesOf(started._worker).Count;
        return started;
    }

    /// <summary>Writes files of 4 KiB with content of their own; every second one is infected.</summary>
    /// <returns>The path of their list.</returns>
    public Task<string> WritePairsAsync(int pairs, int size = 4096) =>
        WriteFilesAsync(2 * pairs, i => i % 2 == 1, size);

    public Task<string> WriteCleanAsync(int count, int size = 4096) => WriteFilesAsync(count, _ => false, size);

    public async Task<string> WriteFilesAsync(int count, Func<int, bool> isInfected, int size)
    {
        int number = _lists++;
        string directory = Mount.Subdirectory($"files{number}");
        string list = Mount.Work.In($"list{number}");
        await File.WriteAllLinesAsync(
            list,
            Enumerable.Range(0, count).Select(i => $"{(isInfected(i) ? 'i' : 'c')} {directory}/{i}"),
            TestContext.Current.CancellationToken);
        using ChildProcess writer = ChildProcess.Start(
            TimeSpan.FromSeconds(60),
            Samples.Eicar,
            NativeProgram.Opener,
            ["fill-list", list, size.ToString(CultureInfo.InvariantCulture)]);
        CommandResult result = await writer.ResultAsync();
        Assert.True(result.Output.StartsWith($"ok {count} ", StringComparison.Ordinal), result.Output + result.Error);
        return list;
    }

    /// <summary>Opens every file of a list once, by so many processes together.</summary>
    public async Task<LoadResult> SweepAsync(string list, int processes, int graceSeconds = 20) =>
        Add(await Opener.RunAsync(
            TimeSpan.FromSeconds(graceSeconds + 20), "sweep", $"{processes}", list, $"{graceSeconds}"));

    public LoadResult Add(OpenerResult opener)
    {
        LoadResult result = LoadResult.From(opener);
        _loads.Add(result);
        return result;
    }

    /// <summary>Opens a file and waits for the line about it.</summary>
    public async Task<OpenResult> OpenAsync(string path)
    {
        using Opener opener = Opener.Start(TimeSpan.FromSeconds(30), "open", path);
        OpenerResult result = await opener.ResultAsync();
        Decision? decision = null;
        bool printed = await Poll.UntilAsync(
            TimeSpan.FromSeconds(5), () => (decision = Find(path, opener.Id)) is not null);
        Assert.True(printed, $"no decision about {path} was printed ({result.Line}):\n{Scanner}");
        return new OpenResult(result, decision!.Value);
    }

    /// <summary>Opens fresh clean files until one is allowed by clamd. Returns how long that took.</summary>
    public async Task<TimeSpan> RecoveredAsync(TimeSpan limit)
    {
        Stopwatch clock = Stopwatch.StartNew();
        bool recovered = await Poll.UntilAsync(limit, async () =>
        {
            string path = await Mount.WriteAsync($"recovered{_lists++}", Samples.CleanText);
            OpenResult result = await OpenAsync(path);
            return result is { WasAllowed: true, Decision: { Engine: "clamd", Verdict: "clean" } };
        });
        TimeSpan taken = clock.Elapsed;
        Assert.True(recovered, $"clamd was not used again within {limit.TotalSeconds} s:\n{Scanner}");
        return taken;
    }

    /// <summary>Ends the case: prints its account, and asserts that nothing has crashed or was left open.</summary>
    public async Task CloseAccountAsync(ITestOutputHelper output)
    {
        int[] processes = [_worker, Scanner.SupervisorId];
        // What was written is scanned a moment later, which may be just now.
        string[] leftOpen = [];
        await Poll.UntilAsync(TimeSpan.FromSeconds(3), () =>
        {
            leftOpen = [.. processes.SelectMany(ProcessTable.OpenFilesOf)
                .Where(file => file.StartsWith(Mount.Path + "/", StringComparison.Ordinal))];
            return leftOpen.Length == 0;
        });

        output.WriteLine(
            $"opens {_loads.Sum(load => load.Opens)}, "
            + $"right {_loads.Sum(load => load.CleanAllowed + load.InfectedDenied)}, "
            + $"infected allowed {_loads.Sum(load => load.InfectedAllowed)}, hung {_loads.Sum(load => load.Hung)}, "
            + $"longest wait {_loads.Select(load => load.LongestWait.TotalMilliseconds).DefaultIfEmpty().Max():F1} ms; "
            + $"watched files left open {leftOpen.Length}, "
            + $"descriptors {_descriptors} -> {ProcessTable.OpenFilesOf(_worker).Count}");
        foreach (IGrouping<string, Decision> group in Decisions
            .GroupBy(one => $"{one.Outcome} {one.Verdict ?? "-"} {one.Reason ?? "-"} {one.Engine ?? "-"}"))
        {
            output.WriteLine($"  {group.Count(),6} {group.Key}");
        }

        Assert.True(_worker == await Scanner.WorkerAsync(), $"the worker has crashed:\n{Scanner}");
        Assert.Equal([], leftOpen);
        // Sessions and their waiting threads may come; one descriptor for each open may not.
        Assert.InRange(ProcessTable.OpenFilesOf(_worker).Count, 0, _descriptors + 32);
    }

    public ValueTask DisposeAsync() => Watched.DisposeAsync();

    // The text first: parsing every line each time would keep the machine from what is measured.
    private Decision? Find(string path, int processId) =>
        Scanner.Output.Lines.Reverse()
            .Where(line => line.StartsWith('{') && line.Contains(path))
            .Select(line => Decision.From(JsonDocument.Parse(line).RootElement))
            .FirstOrDefault(one => one?.ProcessId == processId && one?.Path == path);

    private static async Task<ClamdCase> StartAsync(FileSystemKind kind, string socket, string[] options) =>
        await StartAsync(await WatchedFileSystem.PrepareAsync(kind), socket, options);
}
