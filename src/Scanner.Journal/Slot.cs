using System.Runtime.InteropServices;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Journal;

/// <summary>The place of one event from read(2) to its answer, in memory that both processes see.</summary>
/// <remarks>
/// Memory ordering. The state word is the only field that two processes change at the same time, always by
/// compare-and-swap or a release store, and read with acquire: what a process wrote to the slot before it moved the
/// state on is there for whoever sees the new state. A sequence number in the word, one more with every event, makes a
/// slot that was used again different from the one that somebody looked at before.
/// Order of an answer: claim, store <see cref="Access"/>, write(2) to the group, move to
/// <see cref="SlotState.Answered"/>, close the descriptor, free the slot. A process may die between any two of them:
/// without an access nothing was written; with one, writing it again is harmless, because the descriptor's number
/// is not closed, and so not given to another event, before the slot is <see cref="SlotState.Answered"/>.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public struct Slot
{
    public const int ByteCount = 256;

    private const ulong StateMask = 0xF;
    private const int ClaimantShift = 4;
    private const ulong ClaimantMask = 0xF0;
    private const ulong SequenceStep = 0x100;

    [FieldOffset(0)]
    private ulong _word;

    /// <summary>Where read(2) puts the event.</summary>
    [FieldOffset(8)]
    public EventMetadata Event;

    /// <summary>Index of the group that the event came from.</summary>
    [FieldOffset(32)]
    public int Group;

    [FieldOffset(36)]
    private uint _access;

    /// <summary>Why there was no verdict, for the record.</summary>
    [FieldOffset(40)]
    public FailureReason Reason;

    /// <summary>
    /// Whether the number of a dead worker's event is kept taken in the worker that inherits the slot.
    /// </summary>
    [FieldOffset(41)]
    public bool IsReserved;

    /// <summary>When the event was read, nanoseconds of the monotonic clock.</summary>
    [FieldOffset(48)]
    public long ReadAt;

    [FieldOffset(56)]
    private long _deadline;

    /// <summary>Finds the file again; valid from <see cref="SlotState.Identified"/> on.</summary>
    [FieldOffset(64)]
    public FileHandle Handle;

    /// <summary>
    /// State, claimant and sequence number in one: what <see cref="TryClaim(Claimant, ulong)"/> compares.
    /// </summary>
    public readonly ulong Word => Volatile.Read(in _word);

    public readonly SlotState State => StateOf(Word);

    /// <summary>Who has claimed the slot.</summary>
    public readonly Claimant Claimant => (Claimant)((Word & ClaimantMask) >> ClaimantShift);

    /// <summary>The answer; none until the claimant has decided.</summary>
    public readonly Access Access => (Access)Volatile.Read(in _access);

    /// <summary>When the supervisor answers in the worker's place, nanoseconds of the monotonic clock.</summary>
    public long Deadline
    {
        readonly get => Volatile.Read(in _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    /// <summary>Brings a deadline forward.</summary>
    /// <param name="deadline">What it was when the event was looked at: another event's is another one.</param>
    /// <param name="earlier">What it becomes.</param>
    /// <returns><c>false</c> if it is not that one any more, or as early already.</returns>
    public bool TryHurry(long deadline, long earlier) =>
        earlier < deadline && Interlocked.CompareExchange(ref _deadline, earlier, deadline) == deadline;

    /// <summary>The answer as the group takes it.</summary>
    public readonly FanotifyResponse Response => new(Event.Descriptor, Access);

    public static SlotState StateOf(ulong word) => (SlotState)(word & StateMask);

    /// <summary>Makes the slot ready for read(2): an event found in it afterwards has come from that read.</summary>
    public void BeginRead(int group)
    {
        Event = default;
        Group = group;
        _access = (uint)Access.None;
        Reason = FailureReason.None;
        IsReserved = false;
        Handle.Clear();
        Volatile.Write(ref _word, ((Word & ~(StateMask | ClaimantMask)) | (ulong)SlotState.Reading) + SequenceStep);
    }

    /// <summary>From here on the supervisor answers the event when its deadline comes.</summary>
    public void CompleteRead(long now, long deadline)
    {
        ReadAt = now;
        _deadline = deadline;
        Advance(SlotState.Read);
    }

    /// <summary>Says that <see cref="Handle"/> is in place.</summary>
    /// <returns><c>false</c> if the supervisor has claimed the slot meanwhile.</returns>
    public bool TryIdentify()
    {
        ulong word = Word;
        return StateOf(word) == SlotState.Read && TryMove(word, SlotState.Identified, Claimant.None);
    }

    /// <summary>Takes on the duty to answer the event that is in the slot now. At most one caller gets it.</summary>
    /// <remarks>For the worker, whose slot it is: nobody else puts another event into it.</remarks>
    public bool TryClaim(Claimant claimant) => TryClaim(claimant, Word);

    /// <summary>
    /// Takes on the duty to answer the event that was in the slot when <paramref name="word"/> was read.
    /// </summary>
    public bool TryClaim(Claimant claimant, ulong word) =>
        StateOf(word) is SlotState.Read or SlotState.Identified && TryMove(word, SlotState.Answering, claimant);

    /// <summary>Stores the answer; to be called by the claimant, before it is written to the group.</summary>
    public void Decide(Access access, FailureReason reason)
    {
        Reason = reason;
        Volatile.Write(ref _access, (uint)access);
    }

    /// <summary>Says that the answer is written; to be called by the claimant.</summary>
    public void CompleteAnswer() => Volatile.Write(ref _word, (Word & ~StateMask) | (ulong)SlotState.Answered);

    /// <summary>Gives the slot back. The event's descriptor is closed by now.</summary>
    public void Free() => Volatile.Write(ref _word, Word & ~(StateMask | ClaimantMask));

    private void Advance(SlotState to) =>
        Volatile.Write(ref _word, (Word & ~(StateMask | ClaimantMask)) | (ulong)to);

    private bool TryMove(ulong from, SlotState to, Claimant claimant)
    {
        ulong next = (from & ~(StateMask | ClaimantMask)) | (ulong)to | ((ulong)claimant << ClaimantShift);
        return Interlocked.CompareExchange(ref _word, next, from) == from;
    }
}
