using Scanner.Benchmarks.Clamd;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Work;

/// <summary>The file system, what lies on it, and those who may answer.</summary>
internal sealed class WorkBed
{
    private const int SourceCount = 30;
    private const int QuickSourceCount = 6;

    private static readonly TimeSpan AnswererLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(1);

    private readonly ScratchMount _mount;
    private readonly ClamdServer? _clamd;
    private readonly Answerers _starter;

    /// <param name="options">How many files.</param>
    /// <param name="tools">The programs.</param>
    /// <param name="mount">The file system to work on.</param>
    /// <param name="directory">Not on it. The caller deletes it.</param>
    /// <param name="clamd">Who scans for those who have clamd scan, if there is one.</param>
    public WorkBed(
        KernelCacheOptions options, NativeTools tools, ScratchMount mount, string directory, ClamdServer? clamd)
    {
        _mount = mount;
        _clamd = clamd;
        _starter = new Answerers(tools, mount, AnswererLimit, clamd);
        Runner = new CommandRun(tools.Runner);
        Files = new OwnedFiles(mount, options.Files);
        Archive = new Archive(
            Path.Combine(directory, "archive.tar"), Path.Combine(mount.WatchedDirectory, "unpacked"), options.Files);
        Sources = new Sources(
            Path.Combine(mount.WatchedDirectory, "build"), options.Quick ? QuickSourceCount : SourceCount);
    }

    public ScratchKind Place => _mount.Kind;

    public CommandRun Runner { get; }

    public OwnedFiles Files { get; }

    public Archive Archive { get; }

    public Sources Sources { get; }

    /// <summary>Writes everything anew. Nobody may be watching.</summary>
    public async Task WriteAsync(CancellationToken cancellation)
    {
        await Files.WriteAsync(cancellation);
        await Archive.WriteAsync(cancellation);
        await Sources.WriteAsync(cancellation);
    }

    /// <summary>Starts who answers; <c>null</c> where nobody does. The caller disposes of it.</summary>
    public Task<IResponder?> StartAsync(Answerer answerer, CancellationToken cancellation) => _starter.StartAsync(
        answerer, cancellation, Files.RootDirectory, Files.UserDirectory, Archive.Target, Sources.Place);

    /// <summary>The turn of who was started, with clamd if that works for it.</summary>
    public Turn TurnOf(int round, Answerer answerer, IResponder? responder)
    {
        Turn turn = new(round, answerer, responder);
        return answerer is Answerer.ScannerdWithClamd or Answerer.Clamonacc
            ? turn with { ProcessIds = [.. turn.ProcessIds, _clamd!.ProcessId] }
            : turn;
    }

    /// <summary>Runs a command that is not measured.</summary>
    public static Task PrepareAsync(IReadOnlyList<string> command, CancellationToken cancellation) =>
        Command.RunAsync(command, ToolLimit, cancellation);

    /// <summary>Writes to the disk what is to be written, so that it is not done during what comes next.</summary>
    public Task SyncAsync(CancellationToken cancellation) =>
        PrepareAsync(["sync", "--file-system", _mount.MountPoint], cancellation);
}
