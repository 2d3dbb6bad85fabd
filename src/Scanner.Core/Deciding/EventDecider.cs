using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;

namespace Scanner.Core.Deciding;

/// <summary>Decides and answers the events that were not answered on the spot.</summary>
/// <remarks>Nothing here throws: whoever calls has an opener waiting.</remarks>
internal sealed partial class EventDecider(
    EventJournal journal, DecisionTools tools, WaitingEvents waiting, SlotPool pool, ILogger<EventDecider> logger)
{
    /// <summary>The supervisor has claimed the event and is about to write its answer.</summary>
    private static readonly TimeSpan s_overtakenLook = TimeSpan.FromMilliseconds(20);

    /// <summary>Notice of a renaming comes a moment later than its effect.</summary>
    private static readonly TimeSpan s_renameNotice = TimeSpan.FromMilliseconds(50);

    /// <summary>Answers an event that needs no engine, or finds out what a scan of it needs to know.</summary>
    /// <remarks>For a file that a server delivers it waits for the server.</remarks>
    /// <returns>Whether the event still needs a scan.</returns>
    public bool NeedsScan(WaitingEvent waiting)
    {
        if (journal.Slot(waiting.Index).State is SlotState.Answering or SlotState.Answered)
        {
            _ = LeaveOvertakenAsync(waiting);
            return false;
        }

        Decision? decision;
        try
        {
            decision = Prepare(waiting);
        }
        catch (Exception error)
        {
            decision = Fail(waiting, error);
        }

        if (decision is { } early)
        {
            Conclude(waiting, early);
        }

        return decision is null;
    }

    /// <summary>
    /// Whether all that an event needs is a scan, as it does when the gate has looked at a file of ordinary size. From
    /// a reader: what is not so plain is for <see cref="NeedsScan"/>, on a thread that may wait.
    /// </summary>
    public bool IsReadyForScan(WaitingEvent waiting)
    {
        ref Slot slot = ref journal.Slot(waiting.Index);
        return waiting is { Status: not null, Fault: null }
            && slot.State is SlotState.Read or SlotState.Identified
            && !tools.Gate.MayBeOfEngine(slot.Event.ProcessId)
            && !tools.Faults.Concerns(Room.Deciding)
            && PrepareScan(waiting, waiting.Status.Value.Size) is null;
    }

    /// <summary>Runs a scan.</summary>
    public async ValueTask<Decision> DecideAsync(ScanFlight flight)
    {
        try
        {
            tools.Faults.Hit(Room.Scanning);
            if (flight.IsProven && tools.Known.TryGet(flight.Version, out Verdict known))
            {
                return Decision.From(known, tools.Options, journal.Header);
            }

            flight.Ticket = tools.Known.Begin(flight.Version.File);
            ScanTarget target = new(flight.File, flight.Version.Size)
            {
                Trust = flight.Rule.Trust,
                StoredVersion = flight.StoredVersion,
                IsServed = !flight.Group.IsLocal,
                Place = flight,
            };
            Verdict verdict = await tools.Engine.ScanAsync(target, flight.Cancellation);
            return Decision.From(verdict, tools.Options, journal.Header);
        }
        catch (Exception error)
        {
            return Fail(flight.Leader, error);
        }
    }

    /// <summary>Answers everybody on a flight for whom a decision holds.</summary>
    /// <returns>Those for whom it does not: they came while it ran, and somebody may have written meanwhile.</returns>
    public IReadOnlyList<WaitingEvent> Answer(ScanFlight flight, in Decision decision)
    {
        TryKeep(flight, decision);

        IReadOnlyList<WaitingEvent> unproven = flight.Seal(tools.Known, out IReadOnlyList<WaitingEvent> proven);
        foreach (WaitingEvent joined in proven)
        {
            Conclude(joined, decision);
        }

        if (flight.Leader is { } leader)
        {
            Conclude(leader, decision);
        }
        else if (proven.Count == 0 && decision.Verdict?.Kind == VerdictKind.Infected)
        {
            TryTell(flight, decision);
        }

        return unproven;
    }

    /// <summary>
    /// Answers the event that lends a flight its file, and no other: its opener cannot read what is there.
    /// </summary>
    /// <returns>Everybody else who was on it.</returns>
    public IReadOnlyList<WaitingEvent> AnswerWriter(ScanFlight flight)
    {
        IReadOnlyList<WaitingEvent> others = flight.Seal();
        Conclude(flight.Leader!, Decision.AllowedBy(GateAnswer.WriteOnly));
        return others;
    }

    /// <summary>Answers an event for a failure.</summary>
    public void Conclude(WaitingEvent waiting, FailureReason reason) =>
        Conclude(waiting, Decision.Failed(journal.Header, reason));

    /// <summary>The file to look at: the event's descriptor, or for a recovered event the file opened again.</summary>
    public ContentDescriptor? FileOf(WaitingEvent waiting)
    {
        ref Slot slot = ref journal.Slot(waiting.Index);
        if (!waiting.IsRecovered)
        {
            return new EventDescriptor(slot.Event.Descriptor).Content;
        }

        waiting.Reopened ??= waiting.Group.TryReopen(slot.Handle);
        return waiting.Reopened?.Content;
    }

    private Decision? Prepare(WaitingEvent waiting)
    {
        if (waiting.Fault is { } fault)
        {
            // Thrown on a reader, which neither logs nor records.
            ExceptionDispatchInfo.Throw(fault);
        }

        tools.Faults.Hit(Room.Deciding);
        if (FileOf(waiting) is not { } file)
        {
            return Decision.Failed(journal.Header, FailureReason.Restarting);
        }

        int processId = journal.Slot(waiting.Index).Event.ProcessId;
        if (tools.Gate.IsOwn(processId)
            || (tools.Gate.MayBeOfEngine(processId) && IsOfEngine(processId, file, waiting.Group)))
        {
            return Decision.AllowedBy(GateAnswer.Own);
        }

        GateAnswer answer = waiting.Status is null ? AskGate(waiting, file) : GateAnswer.Scan;
        if (answer == GateAnswer.Unreadable)
        {
            return Decision.Failed(journal.Header, FailureReason.NotReadable);
        }

        // A recovered event's file was opened again by its handle: its path is not the one that the opener used.
        bool isUnsure = answer == GateAnswer.ScanUnsure || (answer == GateAnswer.Outside && waiting.IsRecovered);
        if (answer != GateAnswer.Scan && !isUnsure)
        {
            return Decision.AllowedBy(answer);
        }

        waiting.IsUnsure |= isUnsure;
        return PrepareScan(waiting, waiting.Status!.Value.Size);
    }

    private GateAnswer AskGate(WaitingEvent waiting, ContentDescriptor file)
    {
        Span<byte> scratch = stackalloc byte[Gate.ScratchBytes];
        GateAnswer answer = tools.Gate.Ask(file, waiting.Group, scratch, out FileStatus status);
        waiting.Status = status;
        return answer;
    }

    private bool IsOfEngine(int processId, ContentDescriptor file, WatchedGroup group)
    {
        Span<byte> scratch = stackalloc byte[Gate.ScratchBytes];
        return tools.Gate.IsOfEngine(processId, file, group, scratch);
    }

    private Decision? PrepareScan(WaitingEvent waiting, long size)
    {
        if (size > tools.MaxFileSize)
        {
            return Decision.Failed(journal.Header, FailureReason.TooLarge);
        }

        ref Slot slot = ref journal.Slot(waiting.Index);
        slot.Deadline = slot.ReadAt + tools.Deadlines.NanosecondsFor(size);
        return null;
    }

    /// <summary>The one place where whatever was thrown becomes an answer: no bug leaves an opener hanging.</summary>
    private Decision Fail(WaitingEvent? waiting, Exception error)
    {
        if (error is OperationCanceledException)
        {
            return Decision.Failed(journal.Header, FailureReason.DeadlinePassed);
        }

        Log.DecisionFailed(logger, waiting is null ? 0 : journal.Slot(waiting.Index).Event.ProcessId, error);
        return Decision.Failed(journal.Header, FailureReason.InternalError);
    }

    private void Conclude(WaitingEvent waiting, in Decision decision)
    {
        if (waiting.IsUnsure && decision.Access == Access.Deny)
        {
            _ = SettleAsync(waiting, decision);
            return;
        }

        if (tools.Recorder.Wants(decision))
        {
            _ = DescribeAndAnswerAsync(waiting, decision);
        }
        else
        {
            Answer(waiting, decision);
        }
    }

    /// <summary>The description comes first, while path and program can still be read.</summary>
    private async ValueTask DescribeAndAnswerAsync(WaitingEvent waiting, Decision decision)
    {
        waiting.Line = await TryDescribeAsync(waiting, decision);
        Answer(waiting, decision);
    }

    private void Answer(WaitingEvent waiting, in Decision decision)
    {
        ref Slot slot = ref journal.Slot(waiting.Index);
        if (!slot.TryClaim(Claimant.Worker))
        {
            _ = LeaveOvertakenAsync(waiting);
            return;
        }

        slot.Decide(decision.Access, decision.Reason);
        waiting.Group.Replies.Submit(waiting.Index);
    }

    /// <summary>
    /// Denies an open outside of what is watched only if the file may have been inside when it began.
    /// </summary>
    private async ValueTask SettleAsync(WaitingEvent waiting, Decision denial)
    {
        await Task.Delay(s_renameNotice, tools.Time);
        waiting.IsUnsure = false;
        Conclude(waiting, waiting.Group.MayHaveRenamed ? denial : Decision.AllowedBy(GateAnswer.Outside));
    }

    /// <summary>Leaves an event that the supervisor answers, when it has.</summary>
    private async ValueTask LeaveOvertakenAsync(WaitingEvent overtaken)
    {
        while (journal.Slot(overtaken.Index).State != SlotState.Answered)
        {
            await Task.Delay(s_overtakenLook, tools.Time);
        }

        Decision decision = DecisionIn(journal.Slot(overtaken.Index));
        overtaken.Line = tools.Recorder.Wants(decision) ? await TryDescribeAsync(overtaken, decision) : null;
        waiting.Finish(overtaken.Index, pool);
    }

    private static Decision DecisionIn(in Slot slot) => new(slot.Access, null, slot.Reason, GateAnswer.Scan);

    /// <summary>Keeps a verdict, and lets further opens pass, while the lease is held that proves it.</summary>
    private void TryKeep(ScanFlight flight, in Decision decision)
    {
        try
        {
            if (flight.Ticket is { } ticket && decision.Verdict is { } verdict && flight.MayBeKept(tools.Time)
                && tools.Known.Keep(flight.Version, ticket, verdict) && verdict.Kind == VerdictKind.Clean)
            {
                flight.Group.Marks.TrySetAfterScan(flight.File, flight.Status);
            }
        }
        catch (Exception error)
        {
            Log.KeepFailed(logger, error);
        }
    }

    /// <summary>Says what was found in a file that nobody waits for.</summary>
    private void TryTell(ScanFlight flight, in Decision decision)
    {
        try
        {
            tools.Recorder.Tell(flight.File, decision, Clock.Now - flight.BeganAt);
        }
        catch (Exception error)
        {
            Log.RecordFailed(logger, error);
        }
    }

    private async ValueTask<byte[]?> TryDescribeAsync(WaitingEvent waiting, Decision decision)
    {
        int processId = journal.Slot(waiting.Index).Event.ProcessId;
        string? program = await tools.Looks.TryAsync(() => ProcessImage.Executable(processId));
        try
        {
            tools.Faults.Hit(Room.Recording);
            return tools.Recorder.Describe(journal.Slot(waiting.Index), FileOf(waiting), program, decision);
        }
        catch (Exception error)
        {
            // A record that cannot be made must not keep the answer from being written.
            Log.RecordFailed(logger, error);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DecisionFailed, LogLevel.Error, "No decision for process {ProcessId}")]
        public static partial void DecisionFailed(ILogger logger, int processId, Exception error);

        [LoggerMessage(EventIds.KeepFailed, LogLevel.Error, "A verdict could not be kept")]
        public static partial void KeepFailed(ILogger logger, Exception error);

        [LoggerMessage(EventIds.RecordFailed, LogLevel.Error, "A decision could not be recorded")]
        public static partial void RecordFailed(ILogger logger, Exception error);
    }
}
