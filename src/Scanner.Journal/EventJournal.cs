using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Journal;

/// <summary>The events that wait for an answer, in shared memory that outlives the worker.</summary>
/// <remarks>
/// Layout: <see cref="JournalHeader"/>, <see cref="MaxGroups"/> group entries, <see cref="RecentFiles"/>, the slots.
/// </remarks>
public sealed class EventJournal
{
    /// <summary>The kernel's default limit of groups for one user (<c>fs.fanotify.max_user_groups</c>).</summary>
    public const int MaxGroups = 128;

    private const int SlotBytes = Scanner.Journal.Slot.ByteCount;
    private const long BrokenLeasesOffset = JournalHeader.ByteCount + (MaxGroups * GroupEntry.ByteCount);
    private const long SlotsOffset = BrokenLeasesOffset + RecentFiles.ByteCount;

    private readonly SharedMemory _memory;

    private EventJournal(SharedMemory memory) => _memory = memory;

    /// <summary>What another process opens the journal by.</summary>
    public Descriptor Descriptor => _memory.Descriptor;

    public ref JournalHeader Header => ref _memory.At<JournalHeader>(0);

    public int SlotCount => Header.SlotCount;

    /// <summary>The files that somebody wanted to write while a lease was kept. Only the supervisor writes it.</summary>
    public ref RecentFiles BrokenLeases => ref _memory.At<RecentFiles>(BrokenLeasesOffset);

    /// <summary>Makes an empty journal. Memory is used only for slots that have been in use.</summary>
    /// <exception cref="ErrnoException">No memory is left.</exception>
    public static EventJournal Create(int slotCount)
    {
        long length = SlotsOffset + ((long)slotCount * SlotBytes);
        EventJournal journal = new(SharedMemory.Create("scanner-journal", length));
        ref JournalHeader header = ref journal.Header;
        header.Magic = JournalHeader.CurrentMagic;
        header.Layout = JournalHeader.CurrentLayout;
        header.SlotCount = slotCount;
        return journal;
    }

    /// <summary>Opens a journal that another process made.</summary>
    /// <exception cref="InvalidDataException">It is not a journal, or of another layout.</exception>
    public static EventJournal Open(Descriptor descriptor)
    {
        EventJournal journal = new(SharedMemory.Open(descriptor));
        ref JournalHeader header = ref journal.Header;
        if (header.Magic != JournalHeader.CurrentMagic || header.Layout != JournalHeader.CurrentLayout)
        {
            throw new InvalidDataException(
                $"The journal has layout {header.Layout}, not {JournalHeader.CurrentLayout}.");
        }

        return journal;
    }

    public ref GroupEntry Group(int index) =>
        ref _memory.At<GroupEntry>(JournalHeader.ByteCount + ((long)index * GroupEntry.ByteCount));

    public ref Slot Slot(int index) => ref _memory.At<Slot>(SlotsOffset + ((long)index * SlotBytes));
}
