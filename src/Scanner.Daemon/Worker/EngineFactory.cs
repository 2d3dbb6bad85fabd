using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Scanner.Core;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Engines;
using Scanner.Engines.Clamd;
using Scanner.Engines.Signatures;

namespace Scanner.Daemon.Worker;

/// <summary>Makes the engine that the options name.</summary>
internal static partial class EngineFactory
{
    /// <exception cref="SignatureListException">A list cannot be read.</exception>
    public static IScanEngine Create(IServiceProvider services)
    {
        WatchOptions options = services.GetRequiredService<WatchOptions>();
        ILoggerFactory loggers = services.GetRequiredService<ILoggerFactory>();
        IScanEngine engine = Create(options.Engine, options, loggers);
        return options.Fallback is { } fallback
            ? new EngineWithFallback(engine, Create(fallback, options, loggers))
            : engine;
    }

    private static IScanEngine Create(EngineChoice choice, WatchOptions options, ILoggerFactory loggers) =>
        choice.Kind == EngineKind.Clamd
            ? ClamdEngine.Start(Describe(choice, options), loggers)
            : new ThreadedEngine(LoadSignatures(choice, options, loggers));

    private static ClamdOptions Describe(EngineChoice choice, WatchOptions options)
    {
        ClamdOptions usual = new() { SocketPath = choice.Location! };
        return options.MaxFileSize is { } size ? usual with { MaxFileSize = size } : usual;
    }

    private static SignatureEngine LoadSignatures(EngineChoice choice, WatchOptions options, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger(typeof(SignatureEngine));

        // Followed for as long as the process lives, also where the usual directory is made only later.
        SignatureEngine engine = SignatureReload.Start(
            choice.Location is { } directory
                ? new SignatureSource(directory)
                : new SignatureSource(Path.Combine(options.StateDirectory, "signatures"), MayBeMissing: true),
            logger,
            problem => Log.LineSkipped(logger, problem.ToString())).Engine;
        Log.Loaded(logger, engine.Count, engine.Epoch.Name);
        return engine;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SignatureSkipped, LogLevel.Warning, "Skipped {Problem}")]
        public static partial void LineSkipped(ILogger logger, string problem);

        [LoggerMessage(EventIds.SignaturesLoaded, LogLevel.Information, "{Count} signatures from lists, epoch {Epoch}")]
        public static partial void Loaded(ILogger logger, long count, string epoch);
    }
}
