using System.Diagnostics;
using Scanner.Benchmarks.Reporting;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;

namespace Scanner.Benchmarks.Keeping;

/// <summary>What an event's way through its slot costs, beside the same without one.</summary>
/// <remarks>
/// The same steps in the order in which a reader and an answer take them. Without a journal the event lies in memory of
/// the process's own, has a deadline all the same, and nobody else may answer it, so that nothing is claimed.
/// </remarks>
internal sealed class JournalCost
{
    private const int Events = 200_000;
    private const int Rounds = 9;
    private const int ScannedEvents = Events / 10;

    private readonly EventJournal _journal = EventJournal.Create(8);
    private readonly EventMetadata _event = default;
    private readonly EventMetadata[] _own = new EventMetadata[1];
    private readonly long[] _ownDeadline = new long[1];

    /// <returns>Nanoseconds for an event that is answered at once, and for one that is scanned first.</returns>
    public (double Inline, double Scanned) Measure()
    {
        string path = Path.GetTempFileName();
        try
        {
            using Descriptor file = Descriptor.OpenRead(path);
            Run(file);
            (double Inline, double Scanned)[] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => Run(file))];
            return (rounds.Select(round => round.Inline).Median(), rounds.Select(round => round.Scanned).Median());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private (double Inline, double Scanned) Run(Descriptor file)
    {
        double without = Time(Events, WithoutSlot);
        double inline = Time(Events, () => Answer(isScanned: false, file.Content));
        double scanned = Time(ScannedEvents, () => Answer(isScanned: true, file.Content));
        return (inline - without, scanned - without);
    }

    private void WithoutSlot()
    {
        _own[0] = _event;
        _ownDeadline[0] = Clock.Now + Clock.NanosecondsPerMillisecond;
    }

    private void Answer(bool isScanned, ContentDescriptor file)
    {
        ref Slot slot = ref _journal.Slot(1);
        _journal.Header.Use(1);
        slot.BeginRead(group: 0);
        slot.Event = _event;
        long now = Clock.Now;
        slot.CompleteRead(now, now + Clock.NanosecondsPerMillisecond);
        if (isScanned && file.TryGetHandle(ref slot.Handle) == Errno.None)
        {
            _ = slot.TryIdentify();
        }

        if (slot.TryClaim(Claimant.Worker))
        {
            slot.Decide(Access.Allow, FailureReason.None);
            slot.CompleteAnswer();
        }

        slot.Free();
    }

    private static double Time(int count, Action action)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
    }
}
