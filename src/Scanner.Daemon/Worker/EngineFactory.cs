using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scanner.Core;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Engines.Signatures;

namespace Scanner.Daemon.Worker;

/// <summary>Makes the engine.</summary>
internal static partial class EngineFactory
{
    /// <exception cref="SignatureListException">A list cannot be read.</exception>
    public static IScanEngine Create(IServiceProvider services)
    {
        WatchOptions options = services.GetRequiredService<WatchOptions>();
        ILogger logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SignatureEngine));
        SignatureEngine engine = SignatureEngine.Load(
            FindDirectory(options), problem => Log.LineSkipped(logger, problem.ToString()));
        Log.Loaded(logger, engine.Count, engine.Epoch);
        return new ThreadedEngine(engine);
    }

    private static string? FindDirectory(WatchOptions options)
    {
        string usual = Path.Combine(options.StateDirectory, "signatures");
        return options.SignatureDirectory ?? (Directory.Exists(usual) ? usual : null);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignatureSkipped, LogLevel.Warning, "Skipped {Problem}")]
        public static partial void LineSkipped(ILogger logger, string problem);

        [LoggerMessage(EventIds.SignaturesLoaded, LogLevel.Information, "{Count} signatures from lists, epoch {Epoch}")]
        public static partial void Loaded(ILogger logger, long count, string epoch);
    }
}
