using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Scanner.Engines.Signatures;

/// <summary>Gives an engine the lists of its directory anew whenever they change.</summary>
/// <remarks>
/// Looks at names, sizes and times at every interval, and loads when they changed and then stayed for one interval.
/// What cannot be loaded is logged once, and tried again after the next change; the engine keeps what it has. A
/// directory that may be missing is waited for. One with more files than
/// <see cref="DirectoryFingerprint.MostFiles"/> is not followed.
/// </remarks>
public sealed partial class SignatureReload : IDisposable
{
    private const string Unreadable = "unreadable";

    private readonly string _directory;
    private readonly ILogger _logger;
    private readonly Action<SignatureProblem>? _report;
    private readonly TimeSpan _interval;
    private readonly AutoResetEvent _stop = new(false);
    private readonly Thread _thread;
    private string _loaded;
    private string? _seen;

    private SignatureReload(
        SignatureSource source, ILogger logger, Action<SignatureProblem>? report, TimeSpan interval)
    {
        _directory = source.Directory;
        _logger = logger;
        _report = report;
        _interval = interval;

        // Before loading: what changes meanwhile is loaded again.
        _loaded = Look();
        Engine = SignatureEngine.Load(
            source.MayBeMissing && !Directory.Exists(_directory) ? null : _directory, report);
        _thread = new Thread(Run) { Name = "signature lists", IsBackground = true };
    }

    /// <summary>The engine that gets the lists.</summary>
    public SignatureEngine Engine { get; }

    /// <summary>Loads an engine and keeps it up to date in the background.</summary>
    /// <param name="source">Where the lists are, or will be.</param>
    /// <param name="logger">Told of each reload.</param>
    /// <param name="report">Told of every line and file that is skipped, each time.</param>
    /// <param name="interval">Time between two looks; one second unless said otherwise.</param>
    /// <exception cref="SignatureListException">The directory or a list cannot be read.</exception>
    /// <exception cref="CryptographicException">The machine refuses an algorithm that the lists need.</exception>
    public static SignatureReload Start(
        SignatureSource source, ILogger logger, Action<SignatureProblem>? report = null, TimeSpan? interval = null)
    {
        SignatureReload reload = new(source, logger, report, interval ?? TimeSpan.FromSeconds(1));
        reload._thread.Start();
        return reload;
    }

    /// <summary>Ends the following, after what is being loaded. The engine stays as it is.</summary>
    public void Dispose()
    {
        if (_thread.IsAlive)
        {
            _stop.Set();
            _thread.Join();
        }

        _stop.Dispose();
    }

    private string Look() => DirectoryFingerprint.TryTake(
        [_directory], SignatureLoader.IsList, entersDirectories: false)?.Text ?? Unreadable;

    private void Run()
    {
        while (!_stop.WaitOne(_interval))
        {
            string now = Look();
            bool isQuiet = now == _seen;
            _seen = now;
            if (isQuiet && now != _loaded)
            {
                _loaded = now;
                Reload();
            }
        }
    }

    /// <summary>Whatever is wrong must not end the thread: the lists may be repaired.</summary>
    private void Reload()
    {
        try
        {
            Engine.LoadAgain(_directory, _report);
            Log.Reloaded(_logger, Engine.Count, Engine.Epoch.Name);
        }
        catch (Exception error)
        {
            Log.Failed(_logger, _directory, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EngineEventIds.SignaturesReloaded, LogLevel.Information, "{Count} signatures from lists, epoch {Epoch}")]
        public static partial void Reloaded(ILogger logger, long count, string epoch);

        [LoggerMessage(
            EngineEventIds.SignatureReloadFailed,
            LogLevel.Error,
            "Signature lists in {Directory} changed but cannot be loaded; those loaded before stay in force")]
        public static partial void Failed(ILogger logger, string directory, Exception error);
    }
}
