using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Core.Deciding;

/// <summary>Decides the events that were not answered on the spot: asks the engine, answers, records.</summary>
internal sealed partial class EventDecider(
    EventJournal journal, DecisionTools tools, WaitingEvents waiting, SlotPool pool, ILogger<EventDecider> logger)
{
    /// <summary>The supervisor has claimed the event and is about to write its answer.</summary>
    private static readonly TimeSpan s_overtakenLook = TimeSpan.FromMilliseconds(20);

    /// <summary>Decides one event and answers it. Never throws: nobody else would answer.</summary>
    public async ValueTask DecideAsync(int index)
    {
        if (journal.Slot(index).State is SlotState.Answering or SlotState.Answered)
        {
            await LeaveOvertakenAsync(index);
            return;
        }

        Decision decision;
        try
        {
            decision = await JudgeAsync(waiting[index]);
        }
        catch (OperationCanceledException)
        {
            decision = Decision.Failed(journal.Header, FailureReason.DeadlinePassed);
        }
        catch (Exception error)
        {
            // The one place where anything is caught: a bug of ours must not leave an opener hanging.
            Log.DecisionFailed(logger, journal.Slot(index).Event.ProcessId, error);
            decision = Decision.Failed(journal.Header, FailureReason.InternalError);
        }

        if (!TryConclude(waiting[index], decision))
        {
            await LeaveOvertakenAsync(index);
        }
    }

    /// <summary>Leaves an event that the supervisor answers, when it has.</summary>
    private async ValueTask LeaveOvertakenAsync(int index)
    {
        while (journal.Slot(index).State != SlotState.Answered)
        {
            await Task.Delay(s_overtakenLook, tools.Time);
        }

        Decision decision = new(journal.Slot(index).Access, null, journal.Slot(index).Reason, GateAnswer.Scan);
        waiting[index].Line = tools.Recorder.Wants(decision) ? TryDescribe(waiting[index], decision) : null;
        waiting.Finish(index, pool);
    }

    private async ValueTask<Decision> JudgeAsync(WaitingEvent waiting)
    {
        if (waiting.Fault is { } fault)
        {
            // Thrown on a reader, which neither logs nor records.
            ExceptionDispatchInfo.Throw(fault);
        }

        tools.Faults.Hit(Room.Deciding);
        if (!TryGetFile(waiting, out ContentDescriptor file))
        {
            return Decision.Failed(journal.Header, FailureReason.Restarting);
        }

        if (tools.Gate.IsOwn(journal.Slot(waiting.Index).Event.ProcessId))
        {
            return Decision.AllowedBy(GateAnswer.Own);
        }

        GateAnswer answer = AskGate(waiting, file, out long size);
        return answer switch
        {
            GateAnswer.Scan => await ScanAsync(waiting.Index, new ScanTarget(file, size)),
            GateAnswer.Unreadable => Decision.Failed(journal.Header, FailureReason.NotReadable),
            _ => Decision.AllowedBy(answer),
        };
    }

    private GateAnswer AskGate(WaitingEvent waiting, ContentDescriptor file, out long size)
    {
        Span<byte> scratch = stackalloc byte[Gate.ScratchBytes];
        GateAnswer answer = tools.Gate.Ask(file, waiting.Group, scratch, out size);
        if (waiting.IsRecovered && answer == GateAnswer.Outside)
        {
            // Opened again by its handle: the path is not the one that the opener used.
            return GateAnswer.Scan;
        }

        return answer;
    }

    private async ValueTask<Decision> ScanAsync(int index, ScanTarget target)
    {
        long deadline = journal.Slot(index).ReadAt + tools.Deadlines.NanosecondsFor(target.Size);
        journal.Slot(index).Deadline = deadline;
        long left = deadline - Clock.Now;
        if (left <= 0)
        {
            return Decision.Failed(journal.Header, FailureReason.DeadlinePassed);
        }

        tools.Faults.Hit(Room.Scanning);
        using CancellationTokenSource expiry = new(TimeSpan.FromMicroseconds(left / 1000.0), tools.Time);
        Verdict verdict = await tools.Engine.ScanAsync(target, expiry.Token);
        return Decision.From(verdict, tools.Options, journal.Header);
    }

    /// <returns><c>false</c> if the supervisor has claimed the event.</returns>
    private bool TryConclude(WaitingEvent waiting, in Decision decision)
    {
        // Before the answer, while path and program can still be read.
        waiting.Line = tools.Recorder.Wants(decision) ? TryDescribe(waiting, decision) : null;
        ref Slot slot = ref journal.Slot(waiting.Index);
        if (!slot.TryClaim(Claimant.Worker))
        {
            return false;
        }

        slot.Decide(decision.Access, decision.Reason);
        waiting.Group.Replies.Submit(waiting.Index);
        return true;
    }

    private byte[]? TryDescribe(WaitingEvent waiting, in Decision decision)
    {
        try
        {
            tools.Faults.Hit(Room.Recording);
            ContentDescriptor? file = TryGetFile(waiting, out ContentDescriptor open) ? open : null;
            return tools.Recorder.Describe(journal.Slot(waiting.Index), file, decision);
        }
        catch (Exception error)
        {
            // A record that cannot be made must not keep the answer from being written.
            Log.RecordFailed(logger, error);
            return null;
        }
    }

    /// <summary>The file to look at: the event's descriptor, or for a recovered event the file opened again.</summary>
    private bool TryGetFile(WaitingEvent waiting, out ContentDescriptor file)
    {
        ref Slot slot = ref journal.Slot(waiting.Index);
        if (!waiting.IsRecovered)
        {
            file = new EventDescriptor(slot.Event.Descriptor).Content;
            return true;
        }

        waiting.Reopened ??= waiting.Group.TryReopen(slot.Handle);
        file = waiting.Reopened?.Content ?? default;
        return waiting.Reopened is not null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DecisionFailed, LogLevel.Error, "No decision for process {ProcessId}")]
        public static partial void DecisionFailed(ILogger logger, int processId, Exception error);

        [LoggerMessage(EventIds.RecordFailed, LogLevel.Error, "A decision could not be recorded")]
        public static partial void RecordFailed(ILogger logger, Exception error);
    }
}
