using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Linux;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Engines, and scans of files by path.</summary>
internal static class Engines
{
    public static Verdict Eicar { get; } = Verdict.Infected(ClamdSamples.EicarName);

    public static ClamdEngine Start(string socketPath, ILoggerFactory? loggers = null) =>
        Start(new ClamdOptions { SocketPath = socketPath }, loggers);

    public static ClamdEngine Start(ClamdOptions options, ILoggerFactory? loggers = null) =>
        ClamdEngine.Start(options, loggers ?? NullLoggerFactory.Instance);

    /// <summary>Scans a file, announced with its size or another.</summary>
    public static async Task<Verdict> JudgeAsync(this IScanEngine engine, string path, long? size = null)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        ScanTarget target = new(file.Content, size ?? new FileInfo(path).Length);
        return await engine.ScanAsync(target, TestContext.Current.CancellationToken);
    }

    public static async Task<Verdict> JudgeUntilAsync(
        this IScanEngine engine, string path, CancellationToken deadline, IScanPlace? place = null)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        return await engine.ScanAsync(new ScanTarget(file.Content, 1) { Place = place }, deadline);
    }

    /// <summary>Waits for a condition.</summary>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> UntilAsync(Func<bool> condition, TimeSpan limit)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            TimeSpan waited = TimeProvider.System.GetElapsedTime(start);
            Assert.True(waited < limit, $"not after {waited}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        return TimeProvider.System.GetElapsedTime(start);
    }
}
