using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Scanner.Linux.Processes;

namespace Scanner.Engines.Clamd;

/// <summary>Asks clamd, on a connection of its own, whether it is there and what it is. Used by one thread.</summary>
/// <remarks>
/// What hangs on the connection is forgotten with it: a restarted clamd is another process, and may have other limits.
/// The process's descriptor is not closed then, but left to its finalizer: somebody may be comparing with it just now.
/// </remarks>
internal sealed partial class ClamdProbe(ClamdOptions options, ILogger logger, TimeProvider time) : IDisposable
{
    private const string VersionPrefix = "ClamAV ";

    private const string NoVersion = "ClamAV, which does not tell its version";

    private readonly ClamdGeneration _generation = new(options, logger, time);
    private ClamdChannel? _channel;
    private volatile ClamdState _state = ClamdState.Unknown;
    private bool _hasVersion;
    private bool _hasWarnedOfProcess;
    private ClamdSettings? _reported;

    public ClamdState State => _state;

    /// <summary>Raised when the state has another epoch.</summary>
    public event Action? EpochChanged;

    /// <summary>Sends PING, and asks for whatever else is to be known.</summary>
    /// <returns>Whether clamd answered to PING in time.</returns>
    public bool Run()
    {
        ForgetIfBroken();
        bool isNew = _channel is null;
        _channel ??= ClamdChannel.TryOpen(options.SocketPath, options.ConnectLimit, options.PingLimit, time);
        if (_channel is null || (isNew && !_channel.TryPing()))
        {
            Forget();
            return false;
        }

        // From here on clamd is there; a question that it does not answer costs the connection, not the circuit.
        if (isNew)
        {
            _hasVersion = true;
            Learn(_channel);
        }

        if (_channel is not null)
        {
            Follow(_channel);
        }

        return true;
    }

    /// <summary>
    /// Asks on the connection there is. One that clamd has closed, because it was restarted, says nothing of the clamd
    /// that is there now; one that is silent for the whole limit does, and a new one will be, too.
    /// </summary>
    private void ForgetIfBroken()
    {
        if (_channel is not null && !_channel.TryPing())
        {
            Forget();
        }
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        _channel?.Dispose();
        _channel = null;
        _generation.Disconnect();
        Publish(_state with { Process = null, Epoch = _generation.Current });
    }

    private void Publish(ClamdState state)
    {
        bool isNew = !ReferenceEquals(state.Epoch, _state.Epoch);
        _state = state;
        if (isNew)
        {
            EpochChanged?.Invoke();
        }
    }

    /// <summary>
    /// A clamd that refuses VERSION (it can be disabled from 1.5 on) is asked once for each connection.
    /// </summary>
    private void Follow(ClamdChannel channel)
    {
        string version = NoVersion;
        if (_hasVersion)
        {
            string? reply = channel.TryAsk("VERSION");
            if (reply is null)
            {
                Forget();
                return;
            }

            _hasVersion = reply.StartsWith(VersionPrefix, StringComparison.Ordinal);
            version = _hasVersion ? reply : NoVersion;
        }

        if (!_generation.Look(channel, version))
        {
            Forget();
            return;
        }

        if (version != _state.Version || _generation.Current != _state.Epoch)
        {
            Publish(_state with { Version = version, Epoch = _generation.Current });
        }
    }

    private void Learn(ClamdChannel channel)
    {
        ProcessReference? process = ClamdProcess.TryFind(channel);
        ClamdSettings? settings = process is null ? null : ClamdProcess.TryReadSettings(process.Id);
        if (settings is null && !_hasWarnedOfProcess)
        {
            _hasWarnedOfProcess = true;
            Log.UnknownProcess(logger, options.SocketPath, channel.SenderProcessId);
        }

        // What clamd says of itself counts more than what its file says now.
        string? statistics = channel.TryAsk("STATS");
        int? reported = MaxThreads().Match(statistics ?? "") is { Success: true } match
            ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : null;
        ClamdSettings known = settings ?? new ClamdSettings();
        _state = _state with
        {
            LargestFile = known.LargestFile,
            Threads = Math.Max(1, reported ?? known.MaxThreads),

            // clamd accepts as many connections as it queues scans, and leaves the rest waiting.
            Sessions = Math.Max(1, known.MaxQueue - 1),
            Process = process is null ? null : ClamdProcess.Describe(process, known),
        };
        string? startTime = process is null ? null : ProcessFacts.TryReadStartTime(process.Id);
        _generation.Connect(
            settings is null || startTime is null ? null : new ClamdInstance(process!.Id, startTime, settings));
        Report(settings);
        if (statistics is null)
        {
            Forget();
        }
    }

    private void Report(ClamdSettings? settings)
    {
        // A restart with the same limits is no news.
        if (settings is null || settings == _reported)
        {
            return;
        }

        _reported = settings;
        Log.Limits(logger, settings.MaxFileSize, settings.MaxScanSize, _state.Threads, settings.MaxQueue);
        if (settings.LargestFile < options.MaxFileSize)
        {
            Log.LimitLower(logger, options.MaxFileSize, settings.LargestFile);
        }

        if (!settings.AlertExceedsMax)
        {
            Log.HidesLimits(logger);
        }
    }

    [GeneratedRegex(@"^THREADS: live \d{1,6}\s+idle \d{1,6} max (\d{1,6})", RegexOptions.Multiline)]
    private static partial Regex MaxThreads();

    private static partial class Log
    {
        [LoggerMessage(
            EngineEventIds.ClamdLimits,
            LogLevel.Information,
            "clamd scans files up to {MaxFileSize} bytes, {MaxScanSize} with what they contain (0: no limit), "
            + "{Threads} at a time, and queues {MaxQueue}")]
        public static partial void Limits(
            ILogger logger, long maxFileSize, long maxScanSize, int threads, int maxQueue);

        [LoggerMessage(
            EngineEventIds.ClamdLimitLower,
            LogLevel.Warning,
            "Files up to {Wanted} bytes should be scanned, but clamd looks at no more than {Limit}: "
            + "larger ones are not scannable")]
        public static partial void LimitLower(ILogger logger, long wanted, long limit);

        [LoggerMessage(
            EngineEventIds.ClamdHidesLimits,
            LogLevel.Warning,
            "clamd calls archives clean that it could not unpack within its limits; "
            + "set AlertExceedsMax in clamd.conf to have them reported")]
        public static partial void HidesLimits(ILogger logger);

        [LoggerMessage(
            EngineEventIds.ClamdUnknownProcess,
            LogLevel.Warning,
            "Limits of the clamd at {Socket} (process {ProcessId}) are not known: neither it nor its configuration "
            + "can be seen from here; its defaults are assumed")]
        public static partial void UnknownProcess(ILogger logger, string socket, int processId);
    }
}
