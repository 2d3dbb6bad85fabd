using System.Runtime.InteropServices;
using Scanner.Linux;
using Scanner.Linux.Files;

namespace Scanner.Journal.Tests;

public sealed class EventJournalTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenANewJournal_WhenItIsLookedAt_ThenItIsEmpty()
    {
        EventJournal journal = EventJournal.Create(12);

        Assert.Equal(12, journal.SlotCount);
        Assert.Equal(0, journal.Header.UsedSlots);
        Assert.Equal("SCANJRNL"u8.ToArray(), BitConverter.GetBytes(journal.Header.Magic));
        Assert.All(Enumerable.Range(0, EventJournal.MaxGroups), index => Assert.False(journal.Group(index).IsOpen));
        Assert.All(Enumerable.Range(0, 12), index => Assert.Equal(SlotState.Free, journal.Slot(index).State));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAJournal_WhenItIsOpenedAgain_ThenBothSeeTheSame()
    {
        EventJournal first = EventJournal.Create(3);
        EventJournal second = EventJournal.Open(first.Descriptor);

        first.Slot(2).BeginRead(9);
        first.Group(EventJournal.MaxGroups - 1).Open(77);
        first.Header.Pulse = 1234;

        Assert.Equal(3, second.SlotCount);
        Assert.Equal((SlotState.Reading, 9), (second.Slot(2).State, second.Slot(2).Group));
        GroupEntry last = second.Group(EventJournal.MaxGroups - 1);
        Assert.Equal((true, 77UL), (last.IsOpen, last.Key));
        Assert.Equal(1234, second.Header.Pulse);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenSlotsAndGroups_WhenAllAreWritten_ThenNoneLiesOverAnother()
    {
        EventJournal journal = EventJournal.Create(64);
        for (int index = 0; index < EventJournal.MaxGroups; index++)
        {
            journal.Group(index).Open((ulong)index + 1000);
        }

        for (int index = 0; index < journal.SlotCount; index++)
        {
            MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref journal.Slot(index), 1)).Fill((byte)(index + 1));
        }

        Assert.Equal(JournalHeader.CurrentMagic, journal.Header.Magic);
        Assert.All(
            Enumerable.Range(0, EventJournal.MaxGroups), i => Assert.Equal((ulong)i + 1000, journal.Group(i).Key));
        Assert.All(Enumerable.Range(0, 64), i => Assert.Equal(
            Enumerable.Repeat((byte)(i + 1), Slot.ByteCount),
            MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref journal.Slot(i), 1)).ToArray()));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnIndexBeyondTheSlots_WhenItIsTaken_ThenNothingOutsideIsTouched()
    {
        EventJournal journal = EventJournal.Create(4);

        Assert.Throws<ArgumentOutOfRangeException>(() => journal.Slot(4).State);
        Assert.Throws<ArgumentOutOfRangeException>(() => journal.Slot(int.MaxValue).State);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAnotherLayout_WhenTheJournalIsOpened_ThenItIsRefused()
    {
        EventJournal journal = EventJournal.Create(1);
        journal.Header.Layout++;

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => EventJournal.Open(journal.Descriptor));

        Assert.Contains($"{JournalHeader.CurrentLayout + 1}", error.Message);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenMemoryThatIsNoJournal_WhenItIsOpened_ThenItIsRefused()
    {
        SharedMemory memory = SharedMemory.Create("no-journal", 1 << 16);

        Assert.Throws<InvalidDataException>(() => EventJournal.Open(memory.Descriptor));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenADescriptorWithoutMemory_WhenItIsOpened_ThenTheErrorNamesTheCall()
    {
        using EventCounter counter = EventCounter.CreateFlag();

        Assert.Throws<ErrnoException>(() => EventJournal.Open(counter));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAGroupEntry_WhenItIsOpenedAgain_ThenItsGenerationGrows()
    {
        EventJournal journal = EventJournal.Create(1);
        ref GroupEntry entry = ref journal.Group(5);
        entry.Open(1);
        int first = entry.Generation;
        entry.Close();
        Assert.False(entry.IsOpen);

        entry.Open(2);

        Assert.True(entry.IsOpen);
        Assert.Equal((2UL, first + 1), (entry.Key, entry.Generation));
        return Task.CompletedTask;
    }
}
