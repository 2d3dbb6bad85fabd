using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Scanner.Linux.Fanotify;

namespace Scanner.Journal;

/// <summary>
/// The head of the journal: its layout, the worker's pulse, what the supervisor needs of the policy, and what it tells.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = ByteCount)]
public struct JournalHeader
{
    public const int ByteCount = 4096;

    /// <summary>
    /// Grows with every change of a struct in this project, so that no process reads another's layout.
    /// </summary>
    public const int CurrentLayout = 3;

    /// <summary>"SCANJRNL" in little-endian bytes.</summary>
    public const ulong CurrentMagic = 0x4C4E524A4E414353;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public int Layout;

    [FieldOffset(12)]
    public int SlotCount;

    /// <summary>Process id of the supervisor.</summary>
    [FieldOffset(16)]
    public int SupervisorId;

    /// <summary>How many workers were started: 1 in the first one.</summary>
    [FieldOffset(20)]
    public int WorkerGeneration;

    /// <summary>Test switch: a dead worker's events are dropped instead of recovered.</summary>
    [FieldOffset(24)]
    public bool IsRecoveryDisabled;

    /// <summary>Whether some worker has said on standard output that protection is in force.</summary>
    [FieldOffset(25)]
    public bool IsAnnounced;

    [FieldOffset(26)]
    private bool _isHandingOver;

    [FieldOffset(32)]
    private long _pulse;

    [FieldOffset(40)]
    private int _isReady;

    [FieldOffset(44)]
    private int _usedSlots;

    /// <summary>How long a worker may take to decide what is pending when it is told to stop, nanoseconds.</summary>
    [FieldOffset(48)]
    public long StopLimit;

    /// <summary>
    /// How long there may be no worker that answers before the crash action takes effect, nanoseconds.
    /// </summary>
    [FieldOffset(56)]
    public long LongestAbsence;

    [FieldOffset(64)]
    private ActionTable _actions;

    /// <summary>How many deaths of workers within a minute have the crash action take effect.</summary>
    [FieldOffset(80)]
    public int MostDeaths;

    /// <summary>
    /// What happens to opens when workers keep dying: <see cref="Access.Allow"/> leaves the machine unprotected,
    /// <see cref="Access.Deny"/> the watched file systems unusable.
    /// </summary>
    [FieldOffset(84)]
    public Access CrashAction;

    [FieldOffset(128)]
    public LeaseStatus Leases;

    /// <summary>When the worker last said that it lives, nanoseconds of the monotonic clock.</summary>
    public long Pulse
    {
        readonly get => Volatile.Read(in _pulse);
        set => Volatile.Write(ref _pulse, value);
    }

    /// <summary>Whether the present worker has protection in force.</summary>
    public bool IsReady
    {
        readonly get => Volatile.Read(in _isReady) != 0;
        set => Volatile.Write(ref _isReady, value ? 1 : 0);
    }

    /// <summary>
    /// Whether a worker that is told to stop leaves what it has not read to the next one, and the marks in place.
    /// </summary>
    public bool IsHandingOver
    {
        readonly get => Volatile.Read(in _isHandingOver);
        set => Volatile.Write(ref _isHandingOver, value);
    }

    /// <summary>Slots with a higher index have never been used: the supervisor's clock does not look at them.</summary>
    public readonly int UsedSlots => Volatile.Read(in _usedSlots);

    /// <summary>What happens to an event that fails for a reason.</summary>
    public readonly Access ActionFor(FailureReason reason) => (Access)_actions[(int)reason];

    public void SetAction(FailureReason reason, Access access) => _actions[(int)reason] = (byte)access;

    /// <summary>Tells the supervisor that the slot is in use from now on.</summary>
    public void Use(int slot)
    {
        int used = Volatile.Read(in _usedSlots);
        while (used <= slot)
        {
            int seen = Interlocked.CompareExchange(ref _usedSlots, slot + 1, used);
            used = seen == used ? slot + 1 : seen;
        }
    }

    [InlineArray(16)]
    private struct ActionTable
    {
        private byte _first;
    }
}
