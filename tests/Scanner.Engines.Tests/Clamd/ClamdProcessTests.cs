using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Testing;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Which process answers, and what is known of it.</summary>
public sealed class ClamdProcessTests
{
    [Fact(Timeout = 60_000)]
    public async Task GivenClamd_WhenReached_ThenItsProcessDirectoriesAndLimitsAreKnown()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxThreads = 3);
        await using ClamdEngine engine = Engines.Start(server.SocketPath);

        Assert.Equal(3, engine.Concurrency);
        Assert.Equal(100 << 20, engine.MaxFileSize);
        EngineProcess process = Assert.IsType<EngineProcess>(engine.Process);
        Assert.Equal(server.ProcessId, process.Process.Id);
        Assert.True(process.Process.IsAlive);
        Assert.Equal(
            [server.TemporaryDirectory, server.DatabaseDirectory], process.Directories.Select(path => path.ToString()));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenServerThatIsNotClamd_WhenReached_ThenItsOpensAreNotLetThrough()
    {
        using FakeClamd server = new((_, _) => { });
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);

        Assert.True(engine.IsAvailable);
        Assert.Null(engine.Process);
        Assert.Equal(10, engine.Concurrency);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdUnknownProcess));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenSocketActivatedClamd_WhenReached_ThenItsProcessIsClamdAndNotWhoeverListens()
    {
        if (!File.Exists("/usr/bin/systemd-socket-activate"))
        {
            Requires.Lacking("needs systemd-socket-activate");
        }

        await using ClamdServer server = ClamdServer.Prepare();
        await server.StartActivatedAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string eicar = server.Write("eicar", ClamdSamples.Eicar);

        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(eicar));
        EngineProcess process = Assert.IsType<EngineProcess>(engine.Process);
        Assert.Equal(
            "clamd", Path.GetFileName(File.ResolveLinkTarget($"/proc/{process.Process.Id}/exe", false)!.FullName));
    }
}
