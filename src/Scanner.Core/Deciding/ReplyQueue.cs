using Scanner.Core.Listening;
using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Core.Deciding;

/// <summary>Writes the answers of one group that come from scans, as many at once as there are.</summary>
/// <remarks>
/// Every answer wakes all waiters of its group, so answers that come together are written together: whoever brings
/// an answer while another thread is writing leaves it to that thread. While few wait, it is written at once; while
/// many do, as soon as enough have come, or <see cref="DelayedReplies"/> writes it. No thread waits here for another
/// one.
/// A slot given to <see cref="Submit"/> belongs to the queue, which gives it back to the pool.
/// </remarks>
internal sealed class ReplyQueue(
    EventJournal journal, FanotifyGroup group, SlotPool pool, WaitingEvents waiting, DelayedReplies delayed)
{
    private const int Empty = -1;

    /// <summary>An answer wakes each of them: some 2 µs a piece.</summary>
    private const int ManyWaiting = 8;

    /// <summary>
    /// Where many wait, one in so many is answered at a time: enough that waking the others costs each answer no more
    /// than where few wait, and few enough that the engine does not run out of work meanwhile.
    /// </summary>
    private const int BatchFraction = 4;

    /// <summary>Waking so many takes longer than whoever answers next needs to leave the answer here.</summary>
    private const int Crowd = 64;

    private readonly int[] _next = new int[journal.SlotCount];
    private readonly FanotifyResponse[] _responses = new FanotifyResponse[FanotifyGroup.MaxResponses];
    private readonly int[] _slots = new int[FanotifyGroup.MaxResponses];
    private int _head = Empty;
    private int _isWriting;
    private int _isDelayed;
    private int _held;
    private int _waiting;

    /// <summary>Counts an event that will come here some time.</summary>
    public void Expect() => Interlocked.Increment(ref _waiting);

    /// <summary>How many events of the group are somewhere between their reading and their end.</summary>
    public int Expected => Volatile.Read(ref _waiting);

    public bool IsExpecting => Expected > 0;

    /// <summary>Whether so many wait that no answer should be written alone.</summary>
    public bool IsCrowded => Expected > Crowd;

    /// <summary>Counts it out again, whoever has answered it.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);

    /// <summary>Answers a slot that the worker has claimed and decided.</summary>
    public void Submit(int index)
    {
        Push(index);
        int waitingNow = Volatile.Read(ref _waiting);
        if (waitingNow <= ManyWaiting || Interlocked.Increment(ref _held) * BatchFraction >= waitingNow)
        {
            Write();
        }
        else if (Interlocked.Exchange(ref _isDelayed, 1) == 0)
        {
            delayed.Add(this);
        }
    }

    /// <summary>
    /// As <see cref="Submit"/>, on this thread if nobody else is writing. For readers beside a crowd: while one of them
    /// writes, the other one leaves its answers here, and they are written together.
    /// </summary>
    public void SubmitHere(int index)
    {
        Push(index);
        Write();
    }

    /// <summary>Writes what has been left for later.</summary>
    public void WriteDelayed()
    {
        Interlocked.Exchange(ref _isDelayed, 0);
        Write();
    }

    private void Write()
    {
        while (Volatile.Read(ref _head) != Empty && Interlocked.Exchange(ref _isWriting, 1) == 0)
        {
            try
            {
                Volatile.Write(ref _held, 0);
                WriteAll(Interlocked.Exchange(ref _head, Empty));
            }
            finally
            {
                // With a full fence before the next look at the head: whoever pushed meanwhile has left it to us.
                Interlocked.Exchange(ref _isWriting, 0);
            }
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
