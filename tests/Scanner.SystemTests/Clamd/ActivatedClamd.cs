using System.Globalization;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;
using Scanner.Testing.Clamd;

namespace Scanner.SystemTests.Clamd;

/// <summary>A clamd that is started by the first connection, with the listening socket as its descriptor 3.</summary>
internal sealed class ActivatedClamd : IAsyncDisposable
{
    private readonly ChildProcess _listener;

    private ActivatedClamd(ClamdServer server, ChildProcess listener)
    {
        Server = server;
        _listener = listener;
    }

    /// <summary>Its directories and samples; the process is not this server's own.</summary>
    public ClamdServer Server { get; }

    public static async Task<ActivatedClamd> ListenAsync(Action<ClamdServerOptions>? configure = null)
    {
        Requirement.Root();
        ClamdServer server = ClamdServer.Prepare(configure);
        server.WriteConfiguration();
        ChildProcess listener = ChildProcess.Start(
            TimeSpan.FromMinutes(3),
            null,
            NativeProgram.At("activate"),
            [server.SocketPath, ClamdServer.Program!, $"--config-file={server.ConfigurationPath}"]);
        Assert.Equal("ready", await listener.ReadLineAsync());
        return new ActivatedClamd(server, listener);
    }

    /// <summary>Waits until clamd has been started; its process id.</summary>
    public async Task<int> StartedAsync()
    {
        string? line = "";
        while (line is not null && !line.StartsWith("started ", StringComparison.Ordinal))
        {
            line = await _listener.ReadLineAsync();
        }

        Assert.NotNull(line);
        return int.Parse(line["started ".Length..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        // clamd goes with its parent (PR_SET_PDEATHSIG).
        _listener.Dispose();
        await Poll.UntilAsync(TimeSpan.FromMilliseconds(200), () => false);
        await Server.DisposeAsync();
    }
}
