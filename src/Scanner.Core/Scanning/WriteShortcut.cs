using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Lets an open for writing only go on without a scan: what is there cannot be read through it.</summary>
/// <remarks>
/// Asked only where a scan is to start that can prove nothing, because somebody has the file open for writing: if that
/// is the opener itself, as with a log that is appended to, it may be for nothing. All others pay nothing for this.
/// </remarks>
internal sealed class WriteShortcut(WatchOptions options, EventJournal journal, ProcessLooks looks)
{
    private WaitingOpens? _opens;
    private long _taken;
    private long _refused;

    /// <summary>Opens that were answered without a scan.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Opens that were looked at in vain.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public void Start() => _opens = options.WriteShortcut ? WaitingOpens.TryOpen() : null;

    /// <summary>Whether it is worth asking. For readers.</summary>
    public bool MayHold(ScanFlight flight)
    {
        if (_opens is null || flight.Leader is not { IsRecovered: false } leader)
        {
            return false;
        }

        ref Slot slot = ref journal.Slot(leader.Index);
        return slot.Event.ProcessId > 0 && (slot.Event.Mask & EventMask.OpenExecPermission) == 0;
    }

    /// <summary>Whether the event that lends a flight its file is of an opener that can only write.</summary>
    /// <remarks>
    /// It was read before, and is answered afterwards only if nobody else has by then: so its opener waits meanwhile.
    /// </remarks>
    public async ValueTask<bool> HoldsAsync(ScanFlight flight)
    {
        int processId = journal.Slot(flight.Leader!.Index).Event.ProcessId;
        bool holds = await looks.TryAsync(() => _opens!.IsForWritingOnly(processId));
        Interlocked.Increment(ref holds ? ref _taken : ref _refused);
        return holds;
    }
}
