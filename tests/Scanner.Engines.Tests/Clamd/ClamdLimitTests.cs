using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Journal;
using Scanner.Testing;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>What the real clamd does not look at as a whole must not be called clean.</summary>
public sealed class ClamdLimitTests
{
    [Fact(Timeout = 60_000)]
    public async Task GivenFileAtALimitOfClamd_WhenScanned_ThenItIsLookedAtAsAWholeOrTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxFileSize = "1M");
        KeptLog log = new();
        await using ClamdEngine engine = Engines.Start(server.SocketPath, log);
        Assert.Equal(1 << 20, engine.MaxFileSize);
        Assert.Equal(1, log.Count(EngineEventIds.ClamdLimitLower));

        string fits = server.Write("fits", ClamdSamples.WithEicarAtEnd(1 << 20));
        string larger = server.Write("larger", ClamdSamples.WithEicarAtEnd((1 << 20) + 1));

        Assert.Equal(Engines.Eicar, await engine.JudgeAsync(fits));
        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), await engine.JudgeAsync(larger));

        // Grown since its size was read: clamd says OK, and we look again.
        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), await engine.JudgeAsync(larger, size: 10));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenFileAtTheScanLimitOfClamd_WhenScanned_ThenItIsLookedAtAsAWholeOrTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options => options.MaxScanSize = "1M");
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        Assert.Equal(1 << 20, engine.MaxFileSize);

        Assert.Equal(
            Engines.Eicar, await engine.JudgeAsync(server.Write("fits", ClamdSamples.WithEicarAtEnd(1 << 20))));
        Assert.Equal(
            Verdict.NotScannable(FailureReason.TooLarge),
            await engine.JudgeAsync(server.Write("larger", ClamdSamples.WithEicarAtEnd((1 << 20) + 1))));
    }

    [Fact(Timeout = 60_000)]
    public async Task GivenArchiveBeyondALimitThatClamdReports_WhenScanned_ThenItIsTooLarge()
    {
        await using ClamdServer server = await ClamdServer.StartAsync(options =>
        {
            options.MaxFileSize = "1M";
            options.MoreLines.Add("AlertExceedsMax yes");
        });
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        server.Write("large", new byte[3 << 20]);
        string path = Path.Combine(server.FilesDirectory, "a.tar.gz");
        Tool.Run("tar", "-C", server.FilesDirectory, "-czf", path, "large");

        Assert.Equal(Verdict.NotScannable(FailureReason.TooLarge), await engine.JudgeAsync(path));
    }
}
