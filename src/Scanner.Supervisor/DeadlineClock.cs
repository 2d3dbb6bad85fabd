using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Processes;

namespace Scanner.Supervisor;

/// <summary>Answers every event whose deadline has passed, whatever the worker does.</summary>
/// <remarks>
/// It looks instead of being told: a worker that is stopped tells nobody. One look at an idle journal touches a
/// handful of cache lines.
/// </remarks>
internal sealed class DeadlineClock(EventJournal journal, GroupKeeper groups) : IDisposable
{
    /// <summary>No deadline is shorter, so an event that came after a look is not overdue before the next.</summary>
    private const int LongestPause = 100;

    /// <summary>Answers are due within 100 ms of the deadline; most of that is left for a busy machine.</summary>
    private const int ShortestPause = 5;

    private const long StuckNanoseconds = 1_000 * Clock.NanosecondsPerMillisecond;
    private const int StopToken = 1;
    private const int Priority = -15;

    private readonly AnswerBatch _batch = new(journal, groups);
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private Thread? _thread;
    private int _stuckWorker;

    /// <summary>
    /// The generation of the worker that has claimed an event and then not answered it for longer than any answer
    /// takes; 0 if none has. Only its death gives the event back.
    /// </summary>
    /// <remarks>A look is up to 100 ms old: by then the worker may be gone, and the next one there.</remarks>
    public int StuckWorker => Volatile.Read(ref _stuckWorker);

    public void Start()
    {
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { Name = "deadlines", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Post();
        _thread?.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        // Without CAP_SYS_NICE it runs like any other thread: later under load, not wrong.
        _ = OwnProcess.TrySetThreadPriority(Priority);
        using Poller poller = Poller.Create();
        poller.Add(_stop, StopToken);
        int pause = LongestPause;
        while (poller.Wait(pause) != StopToken)
        {
            long now = Clock.Now;
            long left = (AnswerOverdue(now) - now) / Clock.NanosecondsPerMillisecond;
            pause = (int)Math.Clamp(left, ShortestPause, LongestPause);
        }
    }

    /// <returns>The next deadline of an event that waits.</returns>
    private long AnswerOverdue(long now)
    {
        // Before the slots: the next worker starts when they have nothing of the last one's any more.
        int worker = Volatile.Read(ref journal.Header.WorkerGeneration);
        bool isStuck = false;
        long next = long.MaxValue;
        int used = journal.Header.UsedSlots;
        for (int index = 0; index < used; index++)
        {
            ref Slot slot = ref journal.Slot(index);
            ulong word = slot.Word;
            if (Slot.StateOf(word) is SlotState.Read or SlotState.Identified)
            {
                long deadline = slot.Deadline;
                if (deadline > now)
                {
                    next = Math.Min(next, deadline);
                }
                else if (slot.TryClaim(Claimant.Supervisor, word))
                {
                    slot.Decide(journal.Header.ActionFor(FailureReason.DeadlinePassed), FailureReason.DeadlinePassed);
                    _batch.Add(index);
                }
            }

            isStuck |= Slot.StateOf(word) == SlotState.Answering && slot.Claimant == Claimant.Worker
                && slot.Deadline < now - StuckNanoseconds;
        }

        Volatile.Write(ref _stuckWorker, isStuck ? worker : 0);
        _batch.Flush();
        return next;
    }
}
