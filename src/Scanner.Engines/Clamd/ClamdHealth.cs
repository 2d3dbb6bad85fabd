using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Scanner.Engines.Clamd;

/// <summary>Watches over clamd from a thread of its own, and keeps the circuit.</summary>
/// <remarks>
/// Only failures to reach clamd count: connections that fail, and PINGs without answer. Scans that take long or fail do
/// not, since they follow from content, and one user's archives must not open the circuit for everybody.
/// <para>
/// The circuit opens when at least half of the PINGs within twice their limit failed, and at least two: a stopped clamd
/// is noticed after an interval and two limits. While it is open clamd is tried after each break, once.
/// </para>
/// </remarks>
internal sealed partial class ClamdHealth : IDisposable
{
    private const int LeastFailures = 2;

    /// <summary>A first failure is soon followed by the second PING, which decides.</summary>
    private static readonly TimeSpan s_secondLook = TimeSpan.FromMilliseconds(100);

    private readonly ClamdOptions _options;
    private readonly ILogger _logger;
    private readonly Action _onLost;
    private readonly Action _onTick;
    private readonly ClamdProbe _probe;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly ResiliencePipeline<bool> _breaker;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread _thread;
    private volatile bool _isOpen;
    private volatile bool _isStopping;
    private bool _wasReached;

    /// <param name="probe">Looks whether clamd is there; owned by this object.</param>
    /// <param name="options">Interval and break.</param>
    /// <param name="environment">Log and clock.</param>
    /// <param name="events">What to do when the circuit opens, and after each look.</param>
    public ClamdHealth(
        ClamdProbe probe,
        ClamdOptions options,
        (ILogger Logger, TimeProvider Time) environment,
        (Action OnLost, Action OnTick) events)
    {
        _probe = probe;
        _options = options;
        _logger = environment.Logger;
        (_onLost, _onTick) = events;
        TimeSpan window = 2 * (options.PingLimit + s_secondLook);
        _breaker = new ResiliencePipelineBuilder<bool> { TimeProvider = environment.Time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                ShouldHandle = new PredicateBuilder<bool>().HandleResult(false),
                FailureRatio = 0.5,
                MinimumThroughput = LeastFailures,
                SamplingDuration = window > TimeSpan.FromSeconds(1) ? window : TimeSpan.FromSeconds(1),
                BreakDuration = options.BreakDuration,
                StateProvider = _circuit,
            })
            .Build();
        _thread = new Thread(Run) { Name = "clamd health", IsBackground = true };
    }

    /// <summary>Whether clamd is not to be asked.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Looks until it is clear whether clamd is there, and then goes on in the background.</summary>
    public void Start()
    {
        for (int i = 0; i < LeastFailures && !Look(); i++)
        {
            // The second failure opens the circuit.
        }

        _thread.Start();
    }

    /// <summary>Has clamd looked at now: a connection failed.</summary>
    public void Suspect()
    {
        if (!_isOpen && !_isStopping)
        {
            _wake.Set();
        }
    }

    /// <summary>Ends the thread, within the limits of one PING. From then on clamd is not asked any more.</summary>
    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        _wake.Set();
        _thread.Join();
        _isOpen = true;
        _onLost();
        _probe.Dispose();

        // Not the event: a scan that fails just now may still raise it.
    }

    private void Run()
    {
        bool isWell = true;
        while (!_isStopping)
        {
            _wake.WaitOne(isWell || _isOpen ? _options.PingInterval : Least(s_secondLook, _options.PingInterval));
            if (!_isStopping)
            {
                isWell = TryLook();
            }
        }
    }

    private static TimeSpan Least(TimeSpan first, TimeSpan second) => first < second ? first : second;

    /// <summary>A bug here must not end the thread: without it a clamd that comes back is never noticed.</summary>
    private bool TryLook()
    {
        try
        {
            bool isWell = Look();
            _onTick();
            return isWell;
        }
        catch (Exception error)
        {
            Log.Failed(_logger, error);
            return false;
        }
    }

    private bool Look()
    {
        bool isWell;
        try
        {
            isWell = _breaker.Execute(static probe => probe.Run(), _probe);
        }
        catch (BrokenCircuitException)
        {
            // Too early to try again.
            return false;
        }

        Follow(_circuit.CircuitState != CircuitState.Closed, isWell);
        return isWell;
    }

    private void Follow(bool isOpen, bool isWell)
    {
        if (isOpen && !_isOpen)
        {
            _isOpen = true;
            _wasReached = false;
            _onLost();
            Log.Lost(_logger, _options.SocketPath);
        }
        else if (!isOpen && isWell && (_isOpen || !_wasReached))
        {
            _isOpen = false;
            _wasReached = true;
            Log.Reached(_logger, _options.SocketPath, _probe.State.Version);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EngineEventIds.ClamdReached, LogLevel.Information, "clamd answers at {Socket}: {Version}")]
        public static partial void Reached(ILogger logger, string socket, string version);

        [LoggerMessage(
            EngineEventIds.ClamdLost,
            LogLevel.Error,
            "clamd does not answer at {Socket}; it is tried again until it does")]
        public static partial void Lost(ILogger logger, string socket);

        [LoggerMessage(EngineEventIds.ClamdHealthFailed, LogLevel.Error, "Looking after clamd failed")]
        public static partial void Failed(ILogger logger, Exception error);
    }
}
