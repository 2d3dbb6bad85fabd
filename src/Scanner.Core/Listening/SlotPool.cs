using Scanner.Journal;

namespace Scanner.Core.Listening;

/// <summary>The free slots of the journal.</summary>
/// <remarks>
/// A lock-free stack: readers take and any thread gives back, and none of them may wait for another. The last slot
/// given back is the next taken, so few slots, and few pages, are in use. The head carries a tag that changes with
/// every take, else a slot taken and given back in between would go unnoticed.
/// </remarks>
internal sealed class SlotPool
{
    private const int Empty = -1;

    private readonly EventJournal _journal;
    private readonly int[] _next;
    private readonly List<int> _inherited = [];
    private long _head = Pack(0, Empty);

    /// <summary>All slots of the journal that are free now. To be made before the first event is read.</summary>
    public SlotPool(EventJournal journal)
    {
        _journal = journal;
        _next = new int[journal.SlotCount];
        for (int index = journal.SlotCount - 1; index >= 0; index--)
        {
            if (journal.Slot(index).State == SlotState.Free)
            {
                Push(index);
            }
            else
            {
                _inherited.Add(index);
            }
        }
    }

    /// <summary>The slots with events that an earlier worker has read and not left.</summary>
    public IReadOnlyList<int> Inherited => _inherited;

    /// <summary>Takes a slot.</summary>
    /// <returns>Its index, or -1 when every slot is in use.</returns>
    public int TryTake()
    {
        while (true)
        {
            long head = Volatile.Read(ref _head);
            int index = (int)head;
            if (index == Empty)
            {
                return Empty;
            }

            long next = Pack((int)(head >> 32) + 1, Volatile.Read(ref _next[index]));
            if (Interlocked.CompareExchange(ref _head, next, head) == head)
            {
                _journal.Header.Use(index);
                return index;
            }
        }
    }

    /// <summary>Frees a slot and gives it back. Its event is answered and its descriptor closed.</summary>
    public void Return(int index)
    {
        _journal.Slot(index).Free();
        Push(index);
    }

    private void Push(int index)
    {
        while (true)
        {
            long head = Volatile.Read(ref _head);
            Volatile.Write(ref _next[index], (int)head);
            if (Interlocked.CompareExchange(ref _head, Pack((int)(head >> 32), index), head) == head)
            {
                return;
            }
        }
    }

    private static long Pack(int tag, int index) => ((long)tag << 32) | (uint)index;
}
