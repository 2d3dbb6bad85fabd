using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Sockets;

namespace Scanner.Engines.Clamd;

/// <summary>ClamAV's daemon, over its unix socket.</summary>
/// <remarks>
/// Files go to clamd as descriptors, those that a server delivers as sealed copies, many at once over a few sessions.
/// Clean is only what clamd calls OK in so many words and was no larger than it looks at, before and after: beyond its
/// limits, and for descriptors that it may not read, clamd says OK too. A scan whose session ends is tried once more on
/// another. Asking does not wait, and scans complete on the thread that receives their reply, so whoever awaits them
/// must not block it.
/// <para>
/// clamd's receiving thread blocks while its queue is full, and then answers not even PING, so its queue must never
/// fill because of us: <see cref="Concurrency"/> stays below, and a scan that is given up keeps its place until clamd,
/// which does not know of that, has answered.
/// </para>
/// </remarks>
public sealed partial class ClamdEngine : IScanEngine, IAsyncDisposable, IDisposable
{
    private const int MostSendTries = 3;

    private readonly ClamdOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ClamdSessions _sessions;
    private readonly ClamdProbe _probe;
    private readonly ClamdHealth _health;
    private readonly ResiliencePipeline<ScanOutcome> _retry;
    private int _hasReportedNonsense;

    private ClamdEngine(ClamdOptions options, ILogger logger, TimeProvider time)
    {
        _options = options;
        _logger = logger;
        _time = time;
        _sessions = new ClamdSessions(
            () => Math.Min(options.Sessions, _probe!.State.Sessions),
            options.Sessions,
            () => ClamdSession.TryOpen(options.SocketPath, ReportNonsense));
        _probe = new ClamdProbe(options, logger, time);
        _health = new ClamdHealth(_probe, options, (logger, time), (_sessions.BreakAll, EndOverdue));
        _retry = new ResiliencePipelineBuilder<ScanOutcome> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<ScanOutcome>
            {
                ShouldHandle = static arguments =>
                    ValueTask.FromResult(arguments.Outcome.Result.Breakdown != Breakdown.None),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
            })
            .Build();
    }

    public string Name => "clamd";

    /// <inheritdoc/>
    /// <remarks>
    /// clamd's version and that of the official database, and, where its files can be seen from here, a fingerprint of
    /// them. It changes within a PING interval after they do. When it is settled: <see cref="ClamdGeneration"/>.
    /// </remarks>
    public EngineEpoch Epoch => _probe.State.Epoch;

    public event Action? EpochChanged
    {
        add => _probe.EpochChanged += value;
        remove => _probe.EpochChanged -= value;
    }

    public int Concurrency => Math.Min(_options.Outstanding, _probe.State.Threads);

    public long MaxFileSize => Math.Min(_options.MaxFileSize, _probe.State.LargestFile);

    /// <inheritdoc/>
    /// <remarks>
    /// Known while a connection to it stands. Nobody but the engine's own garbage closes its descriptor.
    /// </remarks>
    public EngineProcess? Process => _probe.State.Process;

    /// <summary>Whether clamd could be reached when it was last tried; while not, scans are answered at once.</summary>
    public bool IsAvailable => !_health.IsOpen;

    /// <summary>Starts an engine; waits until it is clear whether clamd answers, at most two PING limits.</summary>
    /// <param name="options">Where clamd is and how much is asked of it.</param>
    /// <param name="loggers">For one logger.</param>
    /// <param name="time">The clock; the system's unless said otherwise.</param>
    /// <returns>The engine, also if clamd does not answer yet: it is tried again all the time.</returns>
    /// <exception cref="ArgumentException">An option is out of its range; the message names each.</exception>
    public static ClamdEngine Start(ClamdOptions options, ILoggerFactory loggers, TimeProvider? time = null)
    {
        IReadOnlyList<string> errors = options.FindErrors();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors), nameof(options));
        }

        ClamdEngine engine = new(options, loggers.CreateLogger<ClamdEngine>(), time ?? TimeProvider.System);
        engine._health.Start();
        return engine;
    }

    /// <inheritdoc/>
    public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Verdict>(cancellation);
        }

        if (target.Size > MaxFileSize)
        {
            return ValueTask.FromResult(Verdict.NotScannable(FailureReason.TooLarge));
        }

        if (!target.Content.IsReadable)
        {
            return ValueTask.FromResult(Verdict.NotScannable(FailureReason.NotReadable));
        }

        if (_health.IsOpen)
        {
            return ValueTask.FromResult(Verdict.NotScannable(FailureReason.EngineUnavailable));
        }

        return target.IsServed ? ScanCopyAsync(target, cancellation) : ScanWithRetryAsync(target, cancellation);
    }

    /// <summary>Ends all sessions; scans that wait, and those that come later, are without an engine.</summary>
    public void Dispose() => _health.Dispose();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// clamd would lose a thread to a server that does not answer, also after its own answer, when it closes the file.
    /// A thread of ours makes the copy; while it hangs so does the scan, which keeps its place.
    /// </summary>
    private async ValueTask<Verdict> ScanCopyAsync(ScanTarget target, CancellationToken cancellation)
    {
        (Errno error, SealedCopy? made) = await Task.Factory.StartNew(
            () => (Copy(target.Content, cancellation, out SealedCopy? copy), copy),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        if (made is null)
        {
            return Verdict.NotScannable(error == Errno.EFBIG ? FailureReason.TooLarge : FailureReason.NotReadable);
        }

        using SealedCopy copy = made;
        return await ScanWithRetryAsync(target with { Content = copy.Content, Size = copy.Size }, cancellation);
    }

    private Errno Copy(ContentDescriptor content, CancellationToken cancellation, out SealedCopy? copy) =>
        SealedCopy.TryMake(content, MaxFileSize, _ => cancellation.ThrowIfCancellationRequested(), out copy);

    private async ValueTask<Verdict> ScanWithRetryAsync(ScanTarget target, CancellationToken cancellation)
    {
        ScanOutcome outcome = await AttemptAsync(target, cancellation);
        if (outcome.Breakdown != Breakdown.None)
        {
            outcome = await RetryAsync(outcome, target, cancellation);
        }

        Verdict verdict = outcome.ToVerdict();
        return verdict.Kind == VerdictKind.Clean ? CheckSize(target.Content) : verdict;
    }

    /// <summary>
    /// The pipeline sees the first outcome as well, but only if it was a failure: most scans need none of it.
    /// </summary>
    private ValueTask<ScanOutcome> RetryAsync(ScanOutcome first, ScanTarget target, CancellationToken cancellation)
    {
        ScanOutcome? known = first;
        return _retry.ExecuteAsync(
            token =>
            {
                ValueTask<ScanOutcome> next = known is { } outcome
                    ? ValueTask.FromResult(outcome)
                    : AttemptAsync(target, token);
                known = null;
                return next;
            },
            cancellation);
    }

    private ClamdSession? TryGetSession()
    {
        try
        {
            return _sessions.TryGet();
        }
        catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
        {
            // No thread for another session: the same as no connection.
            return null;
        }
    }

    private async ValueTask<ScanOutcome> AttemptAsync(ScanTarget target, CancellationToken cancellation)
    {
        if (_health.IsOpen)
        {
            return new ScanOutcome(Breakdown.NotConnected);
        }

        PendingScan scan = new(_time.GetTimestamp(), target.Place);
        ClamdSession? session = TryGetSession();
        for (int tries = 1; session?.TrySend(scan, target.Content) == false; tries++)
        {
            // It has just ended, which says nothing of this request.
            session = tries < MostSendTries ? TryGetSession() : null;
        }

        if (session is null)
        {
            return new ScanOutcome(IsListening() ? Breakdown.Closed : Breakdown.NotConnected);
        }

        // Opened while we connected: nobody else would end this session, and clamd may never answer.
        if (_health.IsOpen)
        {
            session.Break(Breakdown.NotConnected);
        }

        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static (state, token) => ((PendingScan)state!).Abandon(token), scan);
        ScanOutcome outcome = await scan.Task;

        // A session that ended because clamd is gone is no error of the engine.
        return outcome.Breakdown == Breakdown.Closed && (_health.IsOpen || !IsListening())
            ? new ScanOutcome(Breakdown.NotConnected)
            : outcome;
    }

    /// <summary>Whether somebody listens at this moment, which may be earlier than the next look.</summary>
    private bool IsListening()
    {
        if (UnixStream.TryConnect(_options.SocketPath, out UnixStream? stream) != Errno.None)
        {
            _health.Suspect();
            return false;
        }

        stream!.Dispose();
        return true;
    }

    /// <summary>
    /// A file that grew while it was scanned may have been too large when clamd looked. From the cache only, which is
    /// what clamd's own look has left there: a server that does not answer must not hold up the replies to others.
    /// </summary>
    private Verdict CheckSize(ContentDescriptor content) =>
        content.TryGetStatus(StatusScope.Cached, out FileStatus status) switch
        {
            Errno.None => status.Size > MaxFileSize ? Verdict.NotScannable(FailureReason.TooLarge) : Verdict.Clean,
            _ => Verdict.NotScannable(FailureReason.NotReadable),
        };

    private void EndOverdue()
    {
        long longestAgo = _time.GetTimestamp()
            - (long)(_options.LongestScan.TotalSeconds * _time.TimestampFrequency);
        int broken = _sessions.BreakOlderThan(longestAgo);
        if (broken > 0)
        {
            Log.Overdue(_logger, broken, _options.LongestScan);
        }
    }

    /// <summary>Told once for each engine: a server that is not clamd would fill the log.</summary>
    private void ReportNonsense(string text)
    {
        if (Interlocked.Exchange(ref _hasReportedNonsense, 1) == 0)
        {
            Log.Nonsense(_logger, _options.SocketPath, text);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EngineEventIds.ClamdNonsense,
            LogLevel.Error,
            "What answers at {Socket} does not talk like clamd; said once, it answered {Text}")]
        public static partial void Nonsense(ILogger logger, string socket, string text);

        [LoggerMessage(
            EngineEventIds.ClamdOverdue, LogLevel.Warning, "Ended {Count} sessions with clamd: no reply for {Limit}")]
        public static partial void Overdue(ILogger logger, int count, TimeSpan limit);
    }
}
