using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Supervisor;

/// <summary>Leaves the journal of a dead worker as the next one can take it over.</summary>
/// <remarks>
/// <see cref="Run"/> when the worker is reaped and the next one not started: nobody but the clock touches the slots.
/// Afterwards a slot is free, or answered and still to be recorded, or identified: waiting for the next worker, which
/// finds the file by its handle and scans it within the old deadline.
/// A worker that hangs in the kernel may still be inside read(2), and its event come when that returns. So a slot that
/// is being read into is free only when the worker is reaped.
/// A kernel with restartable permission events (FAN_RESTARTABLE_EVENTS, proposed; <c>scannerd probe</c> looks for them)
/// would do most of this: the supervisor would keep the control descriptor, a worker get the queue's, and when that
/// closes with the worker, the kernel would put what was read and not answered back into the queue. No handle would have
/// to be written before an answer, no number be kept from the next worker, and nothing end as <c>restarting</c>. Left
/// would be deadlines, which such a kernel does not know across restarts: the time at which an event was first read.
/// Such groups were to carry nothing but permission events, so what is listened to for CLOSE_WRITE would need another.
/// </remarks>
internal sealed class Recovery(EventJournal journal, GroupKeeper groups)
{
    private readonly AnswerBatch _batch = new(journal, groups);

    /// <summary>Brings every slot into one of these states.</summary>
    /// <returns>The descriptor numbers of the events that still wait: the next worker must not reuse them.</returns>
    public IReadOnlyList<int> Run()
    {
        FinishAnswers(journal.Header.ActionFor(FailureReason.Restarting));
        List<int> waiting = [];
        for (int index = 0; index < journal.Header.UsedSlots; index++)
        {
            ref Slot slot = ref journal.Slot(index);
            if (slot.State == SlotState.Reading)
            {
                slot.Free();
            }

            // The clock may be about to answer an event that it has claimed: its number must not be another event's
            // yet.
            slot.IsReserved = slot.State is SlotState.Identified or SlotState.Answering;
            if (slot.IsReserved)
            {
                waiting.Add(slot.Event.Descriptor);
            }
        }

        return waiting;
    }

    /// <summary>Answers everything that is left, because no worker will, by the action for a restart.</summary>
    public void AnswerAll() => AnswerAll(journal.Header.ActionFor(FailureReason.Restarting));

    /// <summary>As <see cref="AnswerAll()"/>, by another action. The worker may hang in the kernel.</summary>
    public void AnswerAll(Access access)
    {
        FinishAnswers(access);
        for (int index = 0; index < journal.Header.UsedSlots; index++)
        {
            ref Slot slot = ref journal.Slot(index);
            if (slot.TryClaim(Claimant.Supervisor))
            {
                Fail(index, ref slot, access);
            }
        }

        _batch.Flush();
    }

    /// <summary>Finishes what was under way, and answers by an action what cannot be found again.</summary>
    private void FinishAnswers(Access access)
    {
        for (int index = 0; index < journal.Header.UsedSlots; index++)
        {
            ref Slot slot = ref journal.Slot(index);
            if (journal.Header.IsRecoveryDisabled)
            {
                slot.Free();
                continue;
            }

            Recover(index, ref slot, access);
        }

        _batch.Flush();
    }

    private void Recover(int index, ref Slot slot, Access access)
    {
        switch (slot.State)
        {
            case SlotState.Reading when slot.Event.Version == EventMetadata.SupportedVersion && slot.Event.WantsReply:
                // The worker died between the end of read(2) and its next instruction.
                slot.CompleteRead(Linux.Clock.Now, long.MaxValue);
                goto case SlotState.Read;
            case SlotState.Read:
                if (slot.TryClaim(Claimant.Supervisor))
                {
                    Fail(index, ref slot, access);
                }

                break;
            case SlotState.Answering when slot.Claimant == Claimant.Worker && slot.Access == Access.None:
                Fail(index, ref slot, access);
                break;
            case SlotState.Answering when slot.Claimant == Claimant.Worker:
                // Perhaps written, perhaps not; a second answer finds no event and changes nothing.
                _batch.Add(index);
                break;
        }
    }

    private void Fail(int index, ref Slot slot, Access access)
    {
        slot.Decide(access, FailureReason.Restarting);
        _batch.Add(index);
    }
}
