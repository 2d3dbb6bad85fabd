using Scanner.Core.Listening;
using Scanner.Core.Recording;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Deciding;

/// <summary>The events that are not answered on the spot, by slot.</summary>
internal sealed class WaitingEvents
{
    private readonly EventJournal _journal;
    private readonly OutputWriter _output;
    private readonly WaitingEvent[] _events;

    public WaitingEvents(EventJournal journal, OutputWriter output)
    {
        _journal = journal;
        _output = output;
        _events = new WaitingEvent[journal.SlotCount];
        for (int index = 0; index < _events.Length; index++)
        {
            _events[index] = new WaitingEvent(index);
        }
    }

    public WaitingEvent this[int index] => _events[index];

    /// <summary>Whether an answer is still to be given, or to be told of.</summary>
    /// <param name="group">In this group only.</param>
    /// <param name="readBefore">To what was read before this time only, nanoseconds of the monotonic clock.</param>
    /// <remarks>What the supervisor has answered needs no more than to be left.</remarks>
    public bool Any(int? group = null, long readBefore = long.MaxValue)
    {
        for (int index = 0; index < _journal.Header.UsedSlots; index++)
        {
            ref Slot slot = ref _journal.Slot(index);
            if ((slot.State is SlotState.Read or SlotState.Identified or SlotState.Answering
                    || (slot.State == SlotState.Answered && slot.Claimant == Claimant.Worker))
                && (group is null || slot.Group == group)
                && slot.ReadAt < readBefore)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Has the supervisor answer what was read before a time as if its deadline had passed.</summary>
    /// <returns>How many events that are.</returns>
    public int Hurry(long readBefore)
    {
        int count = 0;
        long now = Clock.Now;
        for (int index = 0; index < _journal.Header.UsedSlots; index++)
        {
            ref Slot slot = ref _journal.Slot(index);
            long deadline = slot.Deadline;
            bool isWaiting = slot.State is SlotState.Read or SlotState.Identified && slot.ReadAt < readBefore;
            count += isWaiting && slot.TryHurry(deadline, now) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Leaves an event of a dead worker for which nobody waits.</summary>
    public void Abandon(int index, SlotPool pool)
    {
        CloseReserved(index);
        pool.Return(index);
    }

    /// <summary>Leaves an answered event: closes its descriptor, prints its line, frees its slot.</summary>
    public void Finish(int index, SlotPool pool)
    {
        WaitingEvent waiting = _events[index];
        if (waiting.Group.IsLocal && HasName(waiting))
        {
            Close(index, pool);
            return;
        }

        Tell(waiting.Line);
        waiting.Line = null;
        waiting.Group.LeaveClosing(index);
    }

    /// <summary>
    /// As <see cref="Finish"/>, on this thread: a server whose file it is, or its disk, may keep it for ever.
    /// </summary>
    public void Close(int index, SlotPool pool)
    {
        WaitingEvent waiting = _events[index];
        if (!waiting.IsRecovered)
        {
            new EventDescriptor(_journal.Slot(index).Event.Descriptor).Close();
        }

        CloseReserved(index);
        waiting.Group.Replies.Leave();
        byte[]? line = waiting.Line;
        waiting.End();
        pool.Return(index);
        Tell(line);
    }

    /// <summary>Whether closing the event's file frees no blocks, which others would wait for as well.</summary>
    private bool HasName(WaitingEvent waiting) => waiting.IsRecovered
        ? waiting.Reopened?.Content.HasName ?? true
        : new EventDescriptor(_journal.Slot(waiting.Index).Event.Descriptor).Content.HasName;

    private void Tell(byte[]? line)
    {
        if (line is not null)
        {
            _output.TryWrite(line);
        }
    }

    /// <summary>Gives back the number that was kept taken for the event of a dead worker.</summary>
    private void CloseReserved(int index)
    {
        ref Slot slot = ref _journal.Slot(index);
        if (slot.IsReserved)
        {
            new EventDescriptor(slot.Event.Descriptor).Close();
        }
    }
}
