using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Processes;

namespace Scanner.Core.Scanning;

/// <summary>Lets an open for writing only go on without a scan: what is there cannot be read through it.</summary>
/// <remarks>
/// Asked only where a scan is to start that can prove nothing, because somebody has the file open for writing: if that
/// is the opener itself, as with a log that is appended to, it may be for nothing. All others pay nothing for this.
/// To look at a process may take as long as some FUSE server likes (<see cref="WaitingOpens"/>). So it is done by a
/// thread of its own, for which nobody waits for long: the scheduler goes on with what is not known by then, and while
/// the thread hangs nothing is asked.
/// </remarks>
internal sealed class WriteShortcut(WatchOptions options, EventJournal journal) : IDisposable
{
    private const long LongestNanoseconds = 50 * Clock.NanosecondsPerMillisecond;
    private const int Priority = -10;

    private WaitingOpens? _opens;
    private WorkThread<Question>? _thread;
    private Action<ScanFlight, bool>? _goOn;
    private long _lookingSince;
    private long _taken;
    private long _refused;
    private long _late;

    /// <summary>Opens that were answered without a scan.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Opens that were looked at and scanned.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Opens that were scanned because the look took too long.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <param name="goOn">
    /// Goes on with a flight that was asked about; told whether its opener can only write. Called once for each.
    /// </param>
    public void Start(Action<ScanFlight, bool> goOn)
    {
        if (options.WriteShortcut && WaitingOpens.TryOpen() is { } opens)
        {
            _opens = opens;
            _goOn = goOn;
            _thread = new WorkThread<Question>("write shortcut", Look, Priority);
        }
    }

    /// <summary>Asks what the opener wants whose event lends a flight its file. From a reader.</summary>
    /// <returns><c>false</c> if nothing is asked, and the scan is to go on.</returns>
    public bool TryAsk(ScanFlight flight)
    {
        long since = Volatile.Read(ref _lookingSince);
        if (_thread is null || flight.Leader is not { IsRecovered: false } leader
            || (since != 0 && Clock.Now - since > LongestNanoseconds))
        {
            return false;
        }

        ref Slot slot = ref journal.Slot(leader.Index);
        if (slot.Event.ProcessId <= 0 || (slot.Event.Mask & EventMask.OpenExecPermission) != 0)
        {
            return false;
        }

        flight.BeginAsking();
        _thread.Enqueue(new Question(flight, slot.Event.ProcessId));
        return true;
    }

    /// <summary>Lets a scan go on that has waited for too long. Called now and then while it runs.</summary>
    public void GiveUpIfOverdue(ScanFlight flight, long now)
    {
        if (flight.AskedAt is > 0 and long since && now - since > LongestNanoseconds && flight.TryEndAsking())
        {
            Interlocked.Increment(ref _late);
            _goOn!(flight, false);
        }
    }

    public void Dispose()
    {
        // Not the descriptor: the thread may be at it.
        _thread?.Dispose();
    }

    private void Look(Question question)
    {
        if (question.Flight.AskedAt == 0)
        {
            return;
        }

        // The event was read before, and is answered only if nobody else has by then: so its opener waits meanwhile.
        Volatile.Write(ref _lookingSince, Clock.Now);
        bool isForWritingOnly = _opens!.IsForWritingOnly(question.ProcessId);
        if (question.Flight.TryEndAsking())
        {
            Interlocked.Increment(ref isForWritingOnly ? ref _taken : ref _refused);
            _goOn!(question.Flight, isForWritingOnly);
        }

        Volatile.Write(ref _lookingSince, 0);
    }

    private readonly record struct Question(ScanFlight Flight, int ProcessId);
}
