using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Supervisor;

/// <summary>Puts the program as it is installed now in the place of this one, in this process.</summary>
/// <remarks>
/// A program that could not go on with what is left to it would end, and with it every group: all opens would pass. So
/// it is first tried in a process of its own, while the worker goes on. Then the worker answers what it has read and
/// ends; what is asked meanwhile waits in the kernel for the next one.
/// For the main thread, but for <see cref="Request"/>.
/// </remarks>
internal sealed class ProgramReplacement : IDisposable
{
    /// <summary>Starting a runtime and reading a few lines.</summary>
    private const long TrialLimit = 10_000 * Clock.NanosecondsPerMillisecond;

    private readonly EventJournal _journal;
    private readonly GroupKeeper _groups;
    private readonly WorkerLauncher _launcher;
    private readonly ErrorLog _log;
    private readonly Poller _poller;
    private readonly int _trialToken;
    private readonly EventCounter _requested = EventCounter.CreateFlag();
    private ChildProcess? _trial;
    private long _trialEnd;

    /// <param name="journal">Tells the worker why it ends.</param>
    /// <param name="groups">What is left to the new program.</param>
    /// <param name="launcher">Starts it.</param>
    /// <param name="log">What happens.</param>
    /// <param name="tokens">Where the main thread waits, its tokens for a request, and for the end of a trial.</param>
    public ProgramReplacement(
        EventJournal journal,
        GroupKeeper groups,
        WorkerLauncher launcher,
        ErrorLog log,
        (Poller Poller, int Request, int Trial) tokens)
    {
        _journal = journal;
        _groups = groups;
        _launcher = launcher;
        _log = log;
        (_poller, int requestToken, _trialToken) = tokens;
        _poller.Add(_requested, requestToken);
    }

    /// <summary>Whether the worker was told to leave, and has not left yet.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Asks for it. From any thread.</summary>
    public void Request() => _requested.Post();

    /// <summary>Has the new program tried, if this is a good moment.</summary>
    public void OnRequested(bool isWorkerReady)
    {
        _requested.Take();
        if (IsUnderWay || _trial is not null)
        {
            _log.Write("no hand-over now: another one is under way; ask again");
        }
        else if (IsPossible(isWorkerReady))
        {
            Try();
        }
    }

    /// <summary>The trial may have ended.</summary>
    /// <returns>Whether the worker is to leave now.</returns>
    public bool OnTrialEnded(bool isWorkerReady)
    {
        if (_trial?.TryReap() is not { } status)
        {
            return false;
        }

        // It leaves the poller as its descriptor is closed.
        EndTrial();
        if (status.Code != 0)
        {
            _log.Write($"cannot be replaced, going on: the program that is installed now ended with {status}");
            return false;
        }

        if (!IsPossible(isWorkerReady))
        {
            return false;
        }

        _log.Write("handing over");
        IsUnderWay = true;
        _journal.Header.IsHandingOver = true;
        return true;
    }

    /// <summary>Ends a trial that takes too long.</summary>
    public void CheckTrial()
    {
        if (Clock.Now > _trialEnd)
        {
            _trial?.Signal(ProcessSignal.Kill);
        }
    }

    /// <summary>The worker has ended as it was told to, or died on the way. Returns only if nothing was replaced.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="isAllAnswered">Whether it has left no event.</param>
    public void OnWorkerLeft(ExitStatus status, bool isAllAnswered)
    {
        IsUnderWay = false;
        _journal.Header.IsHandingOver = false;
        if (status.Code != 0 || !isAllAnswered)
        {
            _log.Write($"worker ended with {status} before it had handed over; starting another");
            return;
        }

        // Before it left it may have had another group closed.
        if (!IsPossible(isWorkerReady: true))
        {
            return;
        }

        try
        {
            _launcher.ReplaceSupervisor();
        }
        catch (ErrnoException error)
        {
            _log.Write($"cannot be replaced, going on: {error.Message}");
        }
    }

    public void Dispose()
    {
        EndTrial();
        _requested.Dispose();
    }

    private bool IsPossible(bool isWorkerReady)
    {
        if (!isWorkerReady)
        {
            _log.Write("no hand-over now: there is no worker that is ready; ask again");
        }
        else if (_groups.IsClosing)
        {
            // execve(2) would wait for that, and nobody would read the others meanwhile.
            _log.Write("no hand-over now: a group is being closed; ask again");
        }
        else if (_groups.IsCrowded)
        {
            _log.Write("no hand-over now: groups of the last one are not closed yet; ask again");
        }
        else
        {
            return true;
        }

        return false;
    }

    private void Try()
    {
        try
        {
            _trial = _launcher.StartTrial();
            _trialEnd = Clock.Now + TrialLimit;
            _poller.Add(_trial.Descriptor, _trialToken);
        }
        catch (ErrnoException error)
        {
            _log.Write($"cannot be replaced, going on: {error.Message}");
            EndTrial();
        }
    }

    private void EndTrial()
    {
        _trial?.Signal(ProcessSignal.Kill);
        _trial?.WaitForEnd();
        _trial?.Dispose();
        _trial = null;
    }
}
