using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Clamd;

/// <summary>What both passes need: the programs, the file system, and clamd.</summary>
internal sealed class ClamdBed(ClamdOptions options, NativeTools tools, BenchImage image, ClamdServer clamd)
{
    private static readonly TimeSpan ResponderLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan ClientLimit = TimeSpan.FromMinutes(2);

    public ClamdOptions Options => options;

    public ClamdServer Clamd => clamd;

    public ColdFiles Files { get; } = new(image, tools.FileWriter);

    public OpenerRun Opener { get; } = new(tools.Opener);

    public bool HasScannerd => tools.Scannerd is not null;

    public static bool HasClamonacc => File.Exists(ClamonaccProcess.Program);

    /// <summary>Starts who answers the opens; <c>null</c> where nobody is asked. The caller disposes of it.</summary>
    public async Task<IResponder?> StartAsync(ClamdRoute route, CancellationToken cancellation) => route switch
    {
        ClamdRoute.Client => null,
        ClamdRoute.Responder => await ResponderProcess.StartAsync(
            tools.Responder, image.MountPoint, null, ResponderLimit, cancellation),
        ClamdRoute.Scannerd => await StartScannerdAsync(cancellation),
        ClamdRoute.Clamonacc => await StartClamonaccAsync(cancellation),
        _ => throw new ArgumentOutOfRangeException(nameof(route)),
    };

    public Task<ScannerDaemon> StartScannerdAsync(CancellationToken cancellation) =>
        ScannerDaemon.StartAsync(
            [
                tools.Scannerd ?? throw new InvalidOperationException("There is no scannerd."),
                "watch",
                image.WatchedDirectory,
                "--engine", $"clamd:{clamd.SocketPath}",
                "--profile", "strict",

                // What is measured is a scan for each open.
                "--cache", "none",
                "--json",
            ],
            null,
            ResponderLimit,
            cancellation);

    /// <summary>Has every file opened once and scanned, by whom the route says.</summary>
    public async Task<OpenerResult> OpenAsync(
        ClamdRoute route, IReadOnlyList<string> files, int openers, CancellationToken cancellation) =>
        route == ClamdRoute.Client
            ? OpenerRun.Parse(await Command.RunAsync(
                [tools.ClamdClient, "--socket", clamd.SocketPath, "--openers", $"{openers}", .. files],
                ClientLimit,
                cancellation))
            : await Opener.RunOnceAsync(files, openers, cancellation);

    private async Task<ClamonaccProcess> StartClamonaccAsync(CancellationToken cancellation)
    {
        // Nobody watches yet.
        await File.WriteAllBytesAsync(Files.Infected, ClamdServer.Infected, cancellation);
        return await ClamonaccProcess.StartAsync(
            clamd.WriteOnAccessConfiguration(Files.Place), Files.Infected, ResponderLimit, cancellation);
    }
}
