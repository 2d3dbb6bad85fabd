using System.Globalization;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks;

/// <summary>What every pass needs: the programs, the file system they work on, and the CPU to pin to.</summary>
internal sealed class TestBed(BenchmarkOptions options, NativeTools tools, BenchImage image)
{
    /// <summary>Longer than any pass needs one responder for; a bug then ends by itself.</summary>
    private static readonly TimeSpan ResponderLimit = TimeSpan.FromMinutes(2);

    public BenchmarkOptions Options => options;

    public BenchImage Image => image;

    public OpenerRun Opener { get; } = new(tools.Opener);

    public bool HasScannerd => tools.Scannerd is not null;

    /// <summary>The routes that can be measured here.</summary>
    public IReadOnlyList<Route> Routes =>
        HasScannerd ? [Route.Plain, Route.Responder, Route.Scannerd] : [Route.Plain, Route.Responder];

    /// <summary>The CPU for pinned cells: the last one allowed, as interrupts often go to the first.</summary>
    public int PinnedCpu { get; } = LastAllowedCpu();

    /// <summary>The kinds of files that make a difference to a route.</summary>
    public static IReadOnlyList<FileKind> KindsFor(Route route) =>
        route == Route.Scannerd ? [FileKind.Empty, FileKind.Outside, FileKind.Small] : [FileKind.Empty, FileKind.Small];

    /// <summary>Starts who answers; <c>null</c> where nobody does. The caller disposes of it.</summary>
    public async Task<IResponder?> StartAsync(Route route, bool pinned, CancellationToken cancellation) => route switch
    {
        Route.Plain => null,
        Route.Responder => await ResponderProcess.StartAsync(
            tools.Responder, image.MountPoint, CpuFor(pinned), ResponderLimit, cancellation),
        Route.Scannerd => await StartScannerdAsync(pinned, cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(route)),
    };

    public Task<ScannerDaemon> StartScannerdAsync(bool pinned, CancellationToken cancellation) =>
        ScannerDaemon.StartAsync(
            tools.Scannerd ?? throw new InvalidOperationException("There is no scannerd."),
            image.WatchedDirectory,
            CpuFor(pinned),
            ResponderLimit,
            cancellation);

    public OpenerPlan Plan(Cell cell) =>
        new(image.Files(cell.Files), cell.Openers, options.CellTime, CpuFor(cell.Pinned));

    private int? CpuFor(bool pinned) => pinned ? PinnedCpu : null;

    private static int LastAllowedCpu()
    {
        const string Field = "Cpus_allowed_list:";
        string line = ProcessTree.Read("/proc/self/status").Split('\n')
            .First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return int.Parse(line[Field.Length..].Split(',', '-')[^1], CultureInfo.InvariantCulture);
    }
}
