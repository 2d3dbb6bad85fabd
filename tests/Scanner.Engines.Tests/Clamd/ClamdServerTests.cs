using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>The fixture itself: without these, a test against it proves nothing.</summary>
public sealed class ClamdServerTests
{
    [Fact(Timeout = 30_000)]
    public async Task GivenServer_WhenAskedToScan_ThenItKnowsItsSamples()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        string eicar = server.Write("eicar", ClamdSamples.Eicar);
        string hashed = server.Write("hashed", ClamdSamples.Hashed);
        string clean = server.Write("clean", ClamdSamples.Clean(4096, seed: 1));

        Assert.Equal($"{eicar}: {ClamdSamples.EicarName} FOUND", await server.AskAsync($"SCAN {eicar}"));
        Assert.Equal($"{hashed}: {ClamdSamples.HashedName} FOUND", await server.AskAsync($"SCAN {hashed}"));
        Assert.Equal($"{clean}: OK", await server.AskAsync($"SCAN {clean}"));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenServer_WhenStoppedKilledAndStartedAgain_ThenItDoesSo()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        server.Stop();
        Task<string> silent = server.AskAsync("PING");
        await Task.Delay(200, TestContext.Current.CancellationToken);
        Assert.False(silent.IsCompleted);
        server.Continue();
        Assert.Equal("PONG", await silent);
        int before = server.ProcessId;

        await server.RestartAsync();

        Assert.NotEqual(before, server.ProcessId);
        Assert.Equal("PONG", await server.AskAsync("PING"));
    }
}
