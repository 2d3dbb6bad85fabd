using System.Text.Json;
using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>Which engine scans where none is named, and what the start line says of it.</summary>
public sealed class EngineChoiceTests
{
    private const string DebiansSocket = "/run/clamav/clamd.ctl";
    private const string FedorasSocket = "/run/clamd.scan/clamd.sock";
    private const string BuiltIn = "engine signatures (no clamd answers at the usual sockets), profile available";

    /// <summary>
    /// A /run of the test's own, which nothing but the daemon sees: the machine's clamd is not there, and the test's
    /// is at the place that follows.
    /// </summary>
    private const string BehindAnotherRun = """
        mount -t tmpfs scanner-tests /run && mkdir -p "${2%/*}" && ln -s "$1" "$2" || exit 99
        shift 2
        exec "$@"
        """;

    [Theory(Timeout = 60_000)]
    [InlineData(DebiansSocket)]
    [InlineData(FedorasSocket)]
    public async Task GivenAClamdAtAUsualSocket_WhenNoEngineIsNamed_ThenItScansAndTheStartLineSaysSo(string place)
    {
        await using FakeClamd server = await FakeClamd.StartAsync("right");
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        string file = await mount.WriteAsync("infected", Samples.Eicar);

        await using ScannerProcess scanner = await StartAsync(server.SocketPath, place, mount.Path);

        Assert.Contains($"engine clamd at {place} (found there), profile available", StartLine(scanner, mount));
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
        await server.ScansReachAsync(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenASocketAtWhichNobodyListens_WhenNoEngineIsNamed_ThenTheBuiltInOneScansAndTheLineSaysWhy()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("right");
        await server.EndAsync();
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);
        string file = await mount.WriteAsync("infected", Samples.Eicar);

        await using ScannerProcess scanner = await StartAsync(server.SocketPath, DebiansSocket, mount.Path);

        Assert.Contains(BuiltIn, StartLine(scanner, mount));
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", file)).Line);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAClamdThatIsStopped_WhenNoEngineIsNamed_ThenTheStartDoesNotWaitForIt()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("right");
        Signals.Stop(server.ProcessId);
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);

        await using ScannerProcess scanner = await StartAsync(server.SocketPath, DebiansSocket, mount.Path);

        Assert.Contains(BuiltIn, StartLine(scanner, mount));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenAClamdAtAUsualSocket_WhenAnotherEngineIsNamed_ThenThatOneScansAndTheStartLineSaysSo()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("right");
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);

        await using ScannerProcess scanner = await StartAsync(
            server.SocketPath, DebiansSocket, mount.Path, "--engine", "signatures", "--profile", "strict");

        Assert.Contains("engine signatures (as asked for), profile strict", StartLine(scanner, mount));
        Assert.Equal(0, server.Scans);
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenJson_WhenNoEngineIsNamed_ThenTheStartRecordNamesTheEngineThePlaceAndTheReason()
    {
        await using FakeClamd server = await FakeClamd.StartAsync("right");
        await using LoopMount mount = await LoopMount.CreateAsync(FileSystemKind.Ext4);

        await using ScannerProcess scanner = await StartAsync(server.SocketPath, DebiansSocket, mount.Path, "--json");

        JsonElement start = scanner.Output.Records.First();
        Assert.Equal(
            ("watch", mount.Path, "clamd", DebiansSocket, "found there", "available"),
            (Text("type"), Text("path"), Text("engine"), Text("engine_location"), Text("engine_reason"),
                Text("profile")));

        string? Text(string name) => start.GetProperty(name).GetString();
    }

    private static async Task<ScannerProcess> StartAsync(string socket, string place, params string[] arguments)
    {
        Requirement.Tool("unshare");
        return await ScannerProcess.StartBehindAsync(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", BehindAnotherRun, "sh", socket, place],
            arguments);
    }

    private static string StartLine(ScannerProcess scanner, LoopMount mount) =>
        Assert.Single(
            scanner.Output.Lines, line => line.StartsWith($"watching {mount.Path}: ", StringComparison.Ordinal));
}
