using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;

namespace Scanner.Supervisor;

/// <summary>A running worker: the process, this side's end of its control socket, and how long it may go on.</summary>
/// <remarks>For the main thread.</remarks>
internal sealed class Worker(ChildProcess process, ControlSocket control, EventJournal journal) : IDisposable
{
    /// <summary>The worker says every 200 ms that it lives, from a thread that runs before others.</summary>
    private const long SilenceLimit = 1_000 * Clock.NanosecondsPerMillisecond;

    /// <summary>A longer pause between two looks is no fault of the worker's: one comes every 250 ms.</summary>
    private const long OwnPauseLimit = 750 * Clock.NanosecondsPerMillisecond;

    /// <summary>Until its first sign of life: loading a runtime, not signatures.</summary>
    private const long StartLimit = 15_000 * Clock.NanosecondsPerMillisecond;

    /// <summary>What is left of a process after SIGKILL beyond this time hangs in the kernel.</summary>
    private const long DyingLimit = 2_000 * Clock.NanosecondsPerMillisecond;

    private readonly long _startedAt = Clock.Now;
    private long _endBy = Clock.Now + StartLimit;
    private bool _isEnding;
    private bool _mayBeSilent;
    private long _lookedAt;
    private long _excusedUntil;
    private long _killedAt;

    public ChildProcess Process { get; } = process;

    public ControlSocket Control { get; } = control;

    public bool IsKilled { get; private set; }

    /// <summary>Whether it has protection in force.</summary>
    public bool IsReady => !IsKilled && journal.Header.IsReady;

    /// <summary>Whether it was killed and does not end.</summary>
    public bool IsHung(long now) => IsKilled && now - _killedAt > DyingLimit;

    /// <summary>Whether it takes too long to get ready.</summary>
    public bool IsLate(long now) => !IsKilled && now - _startedAt > journal.Header.LongestAbsence;

    /// <summary>Tells it to end.</summary>
    /// <param name="limit">How long that may take, in nanoseconds.</param>
    /// <param name="mayBeSilent">Whether it need give no sign of life until then.</param>
    public void End(long limit, bool mayBeSilent)
    {
        _endBy = Clock.Now + limit;
        _isEnding = true;
        _mayBeSilent = mayBeSilent;
        Process.Signal(ProcessSignal.Terminate);
    }

    /// <summary>Whether it has given no sign of life, or not ended, for too long. To be asked all the time.</summary>
    public bool IsSilent(long now)
    {
        if (now - _lookedAt > OwnPauseLimit)
        {
            // The whole machine stood still, or had no time for this process either.
            _excusedUntil = now + SilenceLimit;
        }

        _lookedAt = now;
        long pulse = journal.Header.Pulse;
        long limit = pulse != 0 && !_mayBeSilent ? Math.Max(pulse + SilenceLimit, _excusedUntil) : _endBy;
        return !IsKilled && now >= (_isEnding ? Math.Min(limit, _endBy) : limit);
    }

    public void Kill()
    {
        Process.Signal(ProcessSignal.Kill);
        IsKilled = true;
        _killedAt = Clock.Now;
    }

    public void Dispose()
    {
        Process.Dispose();
        Control.Dispose();
    }
}
