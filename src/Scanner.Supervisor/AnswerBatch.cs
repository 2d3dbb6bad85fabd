using Scanner.Journal;
using Scanner.Linux.Fanotify;

namespace Scanner.Supervisor;

/// <summary>Collects claimed events and answers those of one group with one system call.</summary>
/// <remarks>Every answer wakes all waiters of its group, so a thousand single ones take seconds.</remarks>
internal sealed class AnswerBatch(EventJournal journal, GroupKeeper groups)
{
    private readonly FanotifyResponse[] _responses = new FanotifyResponse[FanotifyGroup.MaxResponses];
    private readonly int[] _slots = new int[FanotifyGroup.MaxResponses];
    private int _group;
    private int _count;

    /// <summary>Adds a slot that is claimed and decided.</summary>
    public void Add(int index)
    {
        ref Slot slot = ref journal.Slot(index);
        if (_count == _slots.Length || slot.Group != _group)
        {
            Flush();
            _group = slot.Group;
        }

        _slots[_count] = index;
        _responses[_count++] = slot.Response;
    }

    /// <summary>Writes what was added and marks it answered.</summary>
    public void Flush()
    {
        if (_count == 0)
        {
            return;
        }

        groups.Reply(_group, _responses.AsSpan(0, _count));
        foreach (int index in _slots.AsSpan(0, _count))
        {
            journal.Slot(index).CompleteAnswer();
        }

        _count = 0;
    }
}
