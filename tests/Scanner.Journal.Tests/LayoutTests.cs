using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Journal.Tests;

/// <summary>The layout that another process, perhaps of another version, finds in the shared memory.</summary>
public sealed class LayoutTests
{
    /// <summary>
    /// The layout as it is: a change of it needs a change here, and then <see cref="JournalHeader.CurrentLayout"/> must
    /// grow, and this number with it.
    /// </summary>
    private const int PinnedLayout = 3;

    private static readonly string[] s_pinned =
    [
        "JournalHeader 4096", "Magic 0 UInt64", "Layout 8 Int32", "SlotCount 12 Int32", "SupervisorId 16 Int32",
        "WorkerGeneration 20 Int32", "IsRecoveryDisabled 24 Boolean", "IsAnnounced 25 Boolean",
        "_isHandingOver 26 Boolean", "_pulse 32 Int64", "_isReady 40 Int32", "_usedSlots 44 Int32",
        "StopLimit 48 Int64", "LongestAbsence 56 Int64", "_actions 64 ActionTable", "MostDeaths 80 Int32",
        "CrashAction 84 Access", "Leases 128 LeaseStatus",
        "LeaseStatus 192", "Limit 0 Int32", "_room 4 Int32", "_kept 8 Int32", "Time 16 Int64",
        "_counters 64 CounterTable",
        "GroupEntry 64", "_isOpen 0 Int32", "Generation 4 Int32", "Key 8 UInt64", "_hasMarks 16 Int32",
        "Slot 256", "_word 0 UInt64", "Event 8 EventMetadata", "Group 32 Int32", "_access 36 UInt32",
        "Reason 40 FailureReason", "IsReserved 41 Boolean", "ReadAt 48 Int64", "_deadline 56 Int64",
        "Handle 64 FileHandle",
        "EventMetadata 24", "EventLength 0 UInt32", "Version 4 Byte", "Mask 8 EventMask", "Descriptor 16 Int32",
        "ProcessId 20 Int32",
        "FileHandle 136", "_handleBytes 0 UInt32", "_type 4 Int32", "_generation 12 UInt32",
    ];

    [Fact(Timeout = 5_000)]
    public Task GivenTheStructs_WhenTheirFieldsAreListed_ThenTheyAreThoseOfThisLayout()
    {
        string[] actual =
        [
            .. Describe<JournalHeader>(), .. Describe<LeaseStatus>(), .. Describe<GroupEntry>(), .. Describe<Slot>(),
            .. Describe<EventMetadata>(), .. Describe<FileHandle>(),
        ];

        Assert.Equal(s_pinned, actual);
        Assert.Equal(PinnedLayout, JournalHeader.CurrentLayout);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenTheEnums_WhenTheirNumbersAreListed_ThenTheyAreThoseOfThisLayout()
    {
        Assert.Equal("Free=0 Reading=1 Read=2 Identified=3 Answering=4 Answered=5", DescribeEnum<SlotState>());
        Assert.Equal("None=0 Worker=1 Supervisor=2", DescribeEnum<Claimant>());
        Assert.Equal(
            "None=0 DeadlinePassed=1 EngineUnavailable=2 EngineError=3 TooLarge=4 NotReadable=5 QueueFull=6 "
                + "Restarting=7 InternalError=8",
            DescribeEnum<FailureReason>());
        Assert.Equal("None=0 Allow=1 Deny=2", DescribeEnum<Access>());
        Assert.Equal(
            "Taken=0 Refused=1 Broken=2 BreakNanoseconds=3 LongestBreakNanoseconds=4 Expired=5 GroupClosed=6 Sweeps=7",
            DescribeEnum<LeaseCounter>());
        Assert.Equal("None=0 OpenGroup=1 CloseGroup=2 Done=3 Refused=4 ReplaceGroup=5", DescribeEnum<ControlMessageKind>());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenTheStructs_WhenTheyAreMeasured_ThenTheCompilerAgrees()
    {
        Assert.Equal(JournalHeader.ByteCount, Unsafe.SizeOf<JournalHeader>());
        Assert.Equal(GroupEntry.ByteCount, Unsafe.SizeOf<GroupEntry>());
        Assert.Equal(Slot.ByteCount, Unsafe.SizeOf<Slot>());
        Assert.Equal(EventMetadata.ByteCount, Unsafe.SizeOf<EventMetadata>());
        Assert.Equal(FileHandle.ByteCount, Unsafe.SizeOf<FileHandle>());
        Assert.Equal(16, Unsafe.SizeOf<ControlMessage>());
        Assert.Equal(88, Unsafe.SizeOf<LeaseOffer>());
        Assert.Equal(RecentFiles.ByteCount, Unsafe.SizeOf<RecentFiles>());
        Assert.Equal(LeaseStatus.ByteCount, Unsafe.SizeOf<LeaseStatus>());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenASlot_WhenItsFieldsAreMeasured_ThenTheHandleFitsAndAWordIsAligned()
    {
        Slot slot = default;
        ref byte start = ref Unsafe.As<Slot, byte>(ref slot);
        Assert.Equal(8, Unsafe.ByteOffset(ref start, ref Unsafe.As<EventMetadata, byte>(ref slot.Event)));
        Assert.Equal(64, Unsafe.ByteOffset(ref start, ref Unsafe.As<FileHandle, byte>(ref slot.Handle)));
        Assert.True(64 + FileHandle.ByteCount <= Slot.ByteCount);
        return Task.CompletedTask;
    }

    private static IEnumerable<string> Describe<T>()
        where T : unmanaged
    {
        yield return $"{typeof(T).Name} {Unsafe.SizeOf<T>()}";
        IEnumerable<(int Offset, FieldInfo Field)> fields = typeof(T)
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => (field.GetCustomAttribute<FieldOffsetAttribute>()!.Value, field))
            .OrderBy(pair => pair.Value);
        foreach ((int offset, FieldInfo field) in fields)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{field.Name} {offset} {field.FieldType.Name}");
        }
    }

    private static string DescribeEnum<T>()
        where T : struct, Enum =>
        string.Join(
            ' ',
            Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt64(value, CultureInfo.InvariantCulture)}"));
}
