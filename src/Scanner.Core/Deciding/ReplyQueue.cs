using Scanner.Core.Listening;
using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Deciding;

/// <summary>Writes the answers of one group that come from scans, as many at once as there are.</summary>
/// <remarks>
/// Every answer wakes all waiters of its group, so answers that come together are written together: whoever brings
/// an answer while another thread is writing leaves it to that thread. No thread waits here for another one.
/// A slot given to <see cref="Submit"/> belongs to the queue, which gives it back to the pool.
/// </remarks>
internal sealed class ReplyQueue(EventJournal journal, FanotifyGroup group, SlotPool pool, WaitingEvents waiting)
{
    private const int Empty = -1;

    private readonly int[] _next = new int[journal.SlotCount];
    private readonly FanotifyResponse[] _responses = new FanotifyResponse[FanotifyGroup.MaxResponses];
    private readonly int[] _slots = new int[FanotifyGroup.MaxResponses];
    private int _head = Empty;
    private int _isWriting;

    /// <summary>Answers a slot that the worker has claimed and decided.</summary>
    public void Submit(int index)
    {
        Push(index);
        while (Volatile.Read(ref _head) != Empty && Interlocked.Exchange(ref _isWriting, 1) == 0)
        {
            WriteAll(Interlocked.Exchange(ref _head, Empty));
            Volatile.Write(ref _isWriting, 0);
        }
    }

    private void Push(int index)
    {
        int head;
        do
        {
            head = Volatile.Read(ref _head);
            _next[index] = head;
        }
        while (Interlocked.CompareExchange(ref _head, index, head) != head);
    }

    private void WriteAll(int index)
    {
        while (index != Empty)
        {
            int count = 0;
            for (; index != Empty && count < _slots.Length; index = _next[index])
            {
                _slots[count] = index;
                _responses[count++] = journal.Slot(index).Response;
            }

            group.Reply(_responses.AsSpan(0, count));
            foreach (int answered in _slots.AsSpan(0, count))
            {
                // Marked before it is closed: see Slot.
                journal.Slot(answered).CompleteAnswer();
                waiting.Finish(answered, pool);
            }
        }
    }
}
