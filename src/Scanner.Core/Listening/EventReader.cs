using Scanner.Core.Deciding;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Processes;

namespace Scanner.Core.Listening;

/// <summary>A thread that reads events of one group straight into slots, and answers what needs no engine.</summary>
/// <remarks>
/// On the way of an inline answer nothing is allocated, logged or locked, and nothing waits for a file system that
/// may not answer: while this thread waits, every opener on the file system does.
/// The thread owns one slot at a time. An event that needs a scan leaves with its slot and the reader takes another;
/// when none is left it answers in the slot it has, so an event that was read always has one.
/// </remarks>
internal sealed class EventReader : IDisposable
{
    private const int EventToken = 1;
    private const int StopToken = 2;
    private const int PausePollMilliseconds = 10;
    private const int Priority = -10;

    private readonly WatchedGroup _group;
    private readonly ListeningTools _tools;
    private readonly EventJournal _journal;
    private readonly long _baseDeadline;
    private readonly bool _recordsEverything;
    private readonly byte[] _scratch = new byte[Gate.ScratchBytes];
    private readonly Poller _poller = Poller.Create();
    private readonly EventCounter _stop = EventCounter.CreateFlag();
    private readonly Thread _thread;
    private volatile bool _isBusy;

    public EventReader(WatchedGroup group, int number)
    {
        _group = group;
        _tools = group.Tools;
        _journal = group.Tools.Journal;
        _baseDeadline = new DeadlineRule(group.Tools.Options.Deadline).NanosecondsFor(0);
        _recordsEverything = group.Tools.Options.Verbose;
        _poller.AddExclusive(group.Fanotify, EventToken);
        _poller.Add(_stop, StopToken);
        _thread = new Thread(Run) { Name = $"reader {group.Index}.{number}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether it has no event in hand. The next one is still in the queue, or this says that it is not.</summary>
    public bool IsIdle => !_isBusy;

    /// <summary>Ends the thread after the event it is at.</summary>
    public void Dispose()
    {
        _stop.Post();
        _thread.Join();
        _poller.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        // Everybody waits for this thread. Without CAP_SYS_NICE it takes its turn like any other.
        _ = OwnProcess.TrySetThreadPriority(Priority);
        int slot = _tools.Pool.TryTake();
        while (slot >= 0 || TryWaitForSlot(out slot))
        {
            int token = _poller.Wait(Timeout.Infinite);
            if (token == StopToken)
            {
                break;
            }

            if (token == EventToken)
            {
                _isBusy = true;
                slot = ReadOne(slot);
                _isBusy = false;
            }
        }

        if (slot >= 0)
        {
            _tools.Pool.Return(slot);
        }
    }

    /// <summary>Leaves events with the kernel until there is a slot.</summary>
    /// <remarks>
    /// Nobody is woken for an event in vain meanwhile, and none is missed: whoever begins to listen is told of those
    /// that wait.
    /// </remarks>
    /// <returns><c>false</c> if the thread is to end.</returns>
    private bool TryWaitForSlot(out int slot)
    {
        _poller.Remove(_group.Fanotify);
        while ((slot = TakeNext()) < 0)
        {
            if (_poller.Wait(PausePollMilliseconds) == StopToken)
            {
                return false;
            }
        }

        _poller.AddExclusive(_group.Fanotify, EventToken);
        return true;
    }

    /// <summary>A slot to read the next event into; -1 where there is none at present.</summary>
    private int TakeNext() => _group.HasRoomToRead ? _tools.Pool.TryTake() : -1;

    /// <returns>The slot for the next event.</returns>
    private int ReadOne(int index)
    {
        ref Slot slot = ref _journal.Slot(index);
        slot.BeginRead(_group.Index);
        Errno error = _group.Fanotify.TryRead(ref slot.Event);
        if (error != Errno.None)
        {
            if (error != Errno.EAGAIN)
            {
                _tools.Counters.CountUnreadable();
            }

            return index;
        }

        if (!slot.Event.WantsReply)
        {
            return Leave(index, slot.Event);
        }

        long now = Clock.Now;
        slot.CompleteRead(now, now + _baseDeadline);
        try
        {
            return Dispatch(index, ref slot);
        }
        catch (Exception thrown)
        {
            _tools.Counters.CountFailed();
            return HandOnFailed(index, ref slot, thrown);
        }
    }

    private int Dispatch(int index, ref Slot slot)
    {
        _tools.Faults.Hit(Room.Listening);
        if (_tools.Gate.IsOwn(slot.Event.ProcessId))
        {
            return AnswerHere(index, ref slot, Access.Allow, FailureReason.None);
        }

        if (!_group.IsLocal || _recordsEverything)
        {
            return HandOn(index, ref slot, status: null);
        }

        ContentDescriptor file = new EventDescriptor(slot.Event.Descriptor).Content;
        GateAnswer answer = _tools.Gate.Ask(file, _group, _scratch, out FileStatus status);
        if (answer == GateAnswer.Known)
        {
            // Under the gate's lease.
            _group.Marks.TrySet(file, status);
        }

        bool isOften = answer is GateAnswer.Known or GateAnswer.Scan && _tools.Leases.NoteOpen(_group, status);
        return answer switch
        {
            GateAnswer.Known when isOften => AnswerAndOffer(index, ref slot, status),
            GateAnswer.Scan => HandOn(index, ref slot, status),

            // Looked at again, with time to think.
            GateAnswer.ScanUnsure or GateAnswer.Unreadable => HandOn(index, ref slot, status: null),
            _ => AnswerHere(index, ref slot, Access.Allow, FailureReason.None),
        };
    }

    /// <summary>Gives the event, with its slot, to whoever decides.</summary>
    private int HandOn(int index, ref Slot slot, FileStatus? status)
    {
        int next = _group.HasRoom ? _tools.Pool.TryTake() : -1;
        if (next < 0)
        {
            _tools.Counters.CountQueueFull();
            return AnswerHere(index, ref slot, FailureReason.QueueFull);
        }

        if (new EventDescriptor(slot.Event.Descriptor).Content.TryGetHandle(ref slot.Handle) == Errno.None)
        {
            _ = slot.TryIdentify();
        }

        _tools.Waiting[index].Begin(_group, status, isRecovered: false);
        _group.HandOn(index);
        return next;
    }

    /// <summary>
    /// Leaves the answer, and telling of it, to the thread that decides; where no slot is left the answer must do.
    /// </summary>
    private int HandOnFailed(int index, ref Slot slot, Exception thrown)
    {
        int next = _tools.Pool.TryTake();
        if (next < 0)
        {
            return AnswerHere(index, ref slot, FailureReason.InternalError);
        }

        _tools.Waiting[index].Begin(_group, status: null, isRecovered: false);
        _tools.Waiting[index].Fault = thrown;
        _group.HandOn(index);
        return next;
    }

    private int AnswerHere(int index, ref Slot slot, FailureReason reason) =>
        AnswerHere(index, ref slot, _journal.Header.ActionFor(reason), reason);

    private int AnswerHere(int index, ref Slot slot, Access access, FailureReason reason)
    {
        if (!TryDecide(ref slot, access, reason))
        {
            return HandToOvertaken(index);
        }

        int next = _group.Replies.IsCrowded ? _tools.Pool.TryTake() : -1;
        if (next >= 0)
        {
            _tools.Waiting[index].Begin(_group, status: null, isRecovered: false);
            _group.Replies.Expect();
            _group.Replies.SubmitHere(index);
            return next;
        }

        Answer(ref slot);
        return _group.IsLocal ? Free(index, ref slot) : LeaveClosing(index);
    }

    /// <summary>
    /// Closing a server's file waits for the server (FUSE_FLUSH), so the slot goes with it to a thread of the group's.
    /// </summary>
    private int LeaveClosing(int index)
    {
        BeginClosing(index);
        return TakeNext();
    }

    private void BeginClosing(int index)
    {
        _tools.Waiting[index].Begin(_group, status: null, isRecovered: false);
        _group.Replies.Expect();
        _group.LeaveClosing(index);
    }

    /// <summary>Allows an open, and offers the lease under which the file was found to be clean.</summary>
    private int AnswerAndOffer(int index, ref Slot slot, in FileStatus status)
    {
        if (_group.Replies.IsCrowded)
        {
            return AnswerHere(index, ref slot, Access.Allow, FailureReason.None);
        }

        if (!TryDecide(ref slot, Access.Allow, FailureReason.None))
        {
            return HandToOvertaken(index);
        }

        Answer(ref slot);
        _tools.Leases.Offer(_group, new EventDescriptor(slot.Event.Descriptor).Content, status, slot.ReadAt);
        return Free(index, ref slot);
    }

    /// <returns>
    /// <c>false</c> if the supervisor was first: this thread was held up beyond the deadline.
    /// </returns>
    private static bool TryDecide(ref Slot slot, Access access, FailureReason reason)
    {
        if (!slot.TryClaim(Claimant.Worker))
        {
            return false;
        }

        slot.Decide(access, reason);
        return true;
    }

    private void Answer(ref Slot slot)
    {
        _ = _group.Fanotify.Reply(slot.Response);
        slot.CompleteAnswer();
    }

    private static int Free(int index, ref Slot slot)
    {
        new EventDescriptor(slot.Event.Descriptor).Close();
        slot.Free();
        return index;
    }

    private int HandToOvertaken(int index)
    {
        _tools.Waiting[index].Begin(_group, status: null, isRecovered: false);
        _group.HandOn(index);
        return TakeNext();
    }

    private void Note(in EventMetadata metadata)
    {
        try
        {
            if ((metadata.Mask & EventMask.CloseWrite) != 0)
            {
                _tools.Written.Note(_group, new EventDescriptor(metadata.Descriptor).Content, _scratch);
            }
        }
        catch (Exception)
        {
            // Nobody waits, and whoever opens the file has it scanned.
            _tools.Counters.CountFailed();
        }
    }

    /// <returns>The slot for the next event.</returns>
    private int Leave(int index, in EventMetadata metadata)
    {
        if (metadata.Descriptor >= 0)
        {
            Note(metadata);
            return CloseNoticed(index, new EventDescriptor(metadata.Descriptor));
        }

        if ((metadata.Mask & EventMask.CloseWrite) != 0)
        {
            _tools.Written.NoteUnseen(_group);
        }
        else if ((metadata.Mask & EventMask.Permission) != 0)
        {
            _tools.Counters.CountUnreadable();
        }

        return index;
    }

    /// <summary>
    /// Closes a file that was written: here, or, if this may free its blocks, on the group's thread for that, which
    /// takes the slot with it. Where no slot can be had for it, it is closed here all the same.
    /// </summary>
    /// <returns>The slot for the next event.</returns>
    private int CloseNoticed(int index, EventDescriptor file)
    {
        int next = file.Content.HasName || !_group.HasRoomToClose ? -1 : _tools.Pool.TryTake();
        if (next < 0)
        {
            file.Close();
            return index;
        }

        BeginClosing(index);
        return next;
    }
}
