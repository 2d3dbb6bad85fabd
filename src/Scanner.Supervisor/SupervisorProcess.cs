using System.Runtime.InteropServices;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Supervisor;

/// <summary>
/// The process that must not die: keeps groups and journal, answers at deadlines, keeps a worker alive.
/// </summary>
/// <remarks>
/// No host, no container, no logger: what it does on its way must work when memory is short and nothing else does.
/// Threads: this one starts and watches workers (they die with the thread that started them, so it lives as long as
/// the process); <see cref="DeadlineClock"/> and <see cref="LeaseKeeper"/> have one of their own each, so that nothing
/// here can delay an answer or a writer.
/// </remarks>
public sealed class SupervisorProcess : IDisposable
{
    private const int TimerMilliseconds = 250;
    private const int NeverKill = -1000;
    private const int WorkerToken = 1;
    private const int ControlToken = 2;
    private const int StopToken = 3;
    private const int ReplacementToken = 4;
    private const int TrialToken = 5;

    /// <summary>Deaths before the first worker was ever ready, after which the start has failed.</summary>
    private const int MostFailedStarts = 3;

    /// <summary>What the runtime exits with when SIGTERM comes before the worker handles it.</summary>
    private const int TerminatedWhileStarting = 128 + (int)ProcessSignal.Terminate;

    private readonly EventJournal _journal;
    private readonly LeaseKeeper _leases;
    private readonly GroupKeeper _groups;
    private readonly WorkerLauncher _launcher;
    private readonly Recovery _recovery;
    private readonly DeadlineClock _clock;
    private readonly WorkerBudget _budget;
    private readonly CrashResponse _crash;
    private readonly ErrorLog _log = new();
    private readonly Poller _poller = Poller.Create();
    private readonly EventCounter _stopRequested = EventCounter.CreateFlag();
    private readonly ProgramReplacement _replacement;

    private Worker? _worker;
    private bool _hasBeenReady;
    private bool _isStopping;
    private long _startAt;
    private int _failedStarts;

    private SupervisorProcess(DescriptorPlan plan, bool isProtected)
    {
        // Of no use to workers.
        Descriptor.KeepOnExec(plan.HostNamespace, isKept: false);
        _journal = EventJournal.Open(Descriptor.Inherited(plan.Journal));
        _leases = new LeaseKeeper(_journal, plan);
        _groups = new GroupKeeper(_journal, plan, _leases);
        _launcher = new WorkerLauncher(_journal, _groups, _leases, plan, isProtected);
        _recovery = new Recovery(_journal, _groups);
        _clock = new DeadlineClock(_journal, _groups);
        _budget = new WorkerBudget(_journal.Header.LongestAbsence, _journal.Header.MostDeaths);
        _crash = new CrashResponse(_journal, _groups, _recovery, _log);
        _poller.Add(_stopRequested, StopToken);
        _replacement = new ProgramReplacement(
            _journal, _groups, _launcher, _log, (_poller, ReplacementToken, TrialToken));
        _hasBeenReady = _journal.Header.IsAnnounced;
    }

    /// <summary>Runs until it is told to stop, or until the first worker has failed to start.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(DescriptorPlan plan)
    {
        // Where it may not be protected, it is killed like any other process, and the kernel allows all.
        bool isProtected = OwnProcess.TrySetOutOfMemoryAdjustment(NeverKill);
        using SupervisorProcess supervisor = new(plan, isProtected);
        using PosixSignalRegistration terminate = supervisor.StopOn(PosixSignal.SIGTERM);
        using PosixSignalRegistration interrupt = supervisor.StopOn(PosixSignal.SIGINT);
        using PosixSignalRegistration hangUp = supervisor.StopOn(PosixSignal.SIGHUP);
        using PosixSignalRegistration handover =
            OnSignal((PosixSignal)ProcessSignal.User2, supervisor._replacement.Request);
        OwnProcess.Unblock(ProcessSignal.User2);
        supervisor._clock.Start();
        supervisor._leases.Start();
        return supervisor.Loop();
    }

    public void Dispose()
    {
        _clock.Dispose();
        _leases.Dispose();
        _worker?.Dispose();
        _replacement.Dispose();
        _poller.Dispose();
        _stopRequested.Dispose();
        _groups.Dispose();
        _log.Dispose();
    }

    private int Loop()
    {
        while (true)
        {
            if (_worker is null && Clock.Now >= _startAt)
            {
                StartWorker();
            }

            int token = _poller.Wait(TimerMilliseconds);
            int? exitCode = token switch
            {
                WorkerToken => OnWorkerEnded(),
                ControlToken => OnMessage(),
                StopToken => OnStopRequested(),
                _ => null,
            };
            if (exitCode is int code)
            {
                return code;
            }

            Replace(token);
            CheckPulse();
            CheckBudget();
            if (_isStopping && _worker is { } left && left.IsHung(Clock.Now))
            {
                _log.Write($"worker {left.Process.Id} hangs in the kernel and cannot be killed; ending without it");
                _crash.LetGo();
                return ExitCodes.Failed;
            }
        }
    }

    private void StartWorker()
    {
        _crash.GiveWay();
        IReadOnlyList<int> reserved = _recovery.Run();
        try
        {
            _worker = _launcher.Start(reserved);
            _poller.Add(_worker.Process.Descriptor, WorkerToken);
            _poller.Add(_worker.Control, ControlToken);
        }
        catch (Exception error) when (error is ErrnoException or OutOfMemoryException)
        {
            _log.Write($"cannot start a worker: {error.Message}");
            _worker?.Process.Signal(ProcessSignal.Kill);
            _worker?.Process.WaitForEnd();
            _worker?.Dispose();
            _worker = null;
            OnDeath(wasReady: false);
        }
    }

    private int? OnWorkerEnded()
    {
        // Only the kernel's word counts: until it is reaped, the worker might still write an answer.
        if (_worker is null || _worker.Process.TryReap() is not { } status)
        {
            return null;
        }

        bool wasReady = _journal.Header.IsReady;
        _hasBeenReady |= wasReady;
        _poller.Remove(_worker.Process.Descriptor);
        ForgetControl();
        _worker.Dispose();
        _worker = null;
        if (_isStopping)
        {
            _recovery.AnswerAll();
            return status.Code is 0 or TerminatedWhileStarting ? 0 : status.Code ?? ExitCodes.Failed;
        }

        if (_replacement.IsUnderWay)
        {
            _replacement.OnWorkerLeft(status, isAllAnswered: _recovery.Run().Count == 0);
            return null;
        }

        if (!_hasBeenReady && (status.Code is not null || ++_failedStarts == MostFailedStarts))
        {
            // The worker has said why on standard error.
            _recovery.AnswerAll();
            return status.Code is int code and not 0 ? code : ExitCodes.Failed;
        }

        _log.Write($"worker ended with {status}; starting another");
        OnDeath(wasReady);
        return null;
    }

    private void OnDeath(bool wasReady)
    {
        long now = Clock.Now;
        _startAt = now + _budget.OnDeath(now, wasReady);
        if (_crash.IsInForce)
        {
            _crash.Continue();
        }
    }

    /// <summary>Takes the next step of a planned restart.</summary>
    private void Replace(int token)
    {
        bool isWorkerReady = !_isStopping && !_crash.IsInForce && _worker is { IsReady: true };
        if (token == ReplacementToken)
        {
            _replacement.OnRequested(isWorkerReady);
        }

        if (_replacement.OnTrialEnded(isWorkerReady))
        {
            _worker!.End(_journal.Header.StopLimit, mayBeSilent: false);
        }

        _replacement.CheckTrial();
    }

    private int? OnMessage()
    {
        if (_worker is not null && !_groups.TryServe(_worker.Control, _worker.Process.Id))
        {
            ForgetControl();
        }

        return null;
    }

    private void ForgetControl()
    {
        if (_worker is { Control.IsClosed: false } worker)
        {
            _poller.Remove(worker.Control);
            worker.Control.Dispose();
        }
    }

    private int? OnStopRequested()
    {
        // A second request does not wait for what is pending.
        _stopRequested.Take();
        if (_worker is null)
        {
            _recovery.AnswerAll();
            return 0;
        }

        _worker.End(_isStopping ? 0 : _journal.Header.StopLimit, mayBeSilent: true);
        _isStopping = true;
        return null;
    }

    private void CheckPulse()
    {
        if (_worker is not { } worker)
        {
            return;
        }

        bool isSilent = worker.IsSilent(Clock.Now);
        bool isStuck = !worker.IsKilled && _clock.StuckWorker == _journal.Header.WorkerGeneration;
        if (isSilent || isStuck)
        {
            Kill(worker, "does not answer");
        }
    }

    private void Kill(Worker worker, string cause)
    {
        worker.Kill();
        _log.Write($"worker {worker.Process.Id} {cause}; killed");
    }

    /// <summary>Has the crash action begin, or end, when it is time.</summary>
    private void CheckBudget()
    {
        long now = Clock.Now;
        if (_worker is { IsReady: true })
        {
            _hasBeenReady = true;
            _budget.OnReady(now);
            if (_crash.IsInForce)
            {
                _crash.End();
            }
        }
        else if (_isStopping || !_hasBeenReady)
        {
            // A first start takes as long as it takes: nobody is kept waiting by it.
        }
        else if (_worker is { IsKilled: false } starting)
        {
            if (starting.IsLate(now))
            {
                Kill(starting, "does not get ready");
            }
        }
        else if (!_crash.IsInForce)
        {
            BeginCrashActionIfDue(now);
        }
    }

    private void BeginCrashActionIfDue(long now)
    {
        if (_worker is null && _budget.IsExhausted(now))
        {
            _crash.Begin("workers keep dying");
        }
        else if (_worker is { } dying && dying.IsHung(now))
        {
            _crash.Begin($"worker {dying.Process.Id} hangs in the kernel and cannot be killed");
        }
    }

    private PosixSignalRegistration StopOn(PosixSignal signal) => OnSignal(signal, () => _stopRequested.Post());

    private static PosixSignalRegistration OnSignal(PosixSignal signal, Action request) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            request();
        });
}
