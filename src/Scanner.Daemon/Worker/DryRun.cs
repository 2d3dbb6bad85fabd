using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core;
using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Recording;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Stores;

namespace Scanner.Daemon.Worker;

/// <summary>Sends made-up events through all rooms before the first real one comes.</summary>
/// <remarks>
/// What runs for the first time is compiled, and may load files and start threads, while an opener waits. The compiler
/// looks again, more thoroughly, at what has run some dozen times, a while after the first; so the run is repeated
/// in the background. None of the rooms is a real one: they have a journal and an engine of their own, and nothing
/// depends on how it ends.
/// </remarks>
internal sealed class DryRun(
    WatchOptions options, HostMounts host, PrivateMounts own, IRecordFormat format, TimeProvider time)
    : BackgroundService
{
    private const int Slots = 4;
    private const int FirstEvents = 4;
    private const int RepeatedEvents = 64;
    private const int Repetitions = 2;

    /// <summary>A number that no process has.</summary>
    private const int Nobody = int.MaxValue;

    /// <summary>A number that no descriptor of an event has: the kernel refuses its answer.</summary>
    private const int NoEvent = int.MaxValue;

    private static readonly TimeSpan s_deadline = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryRunAsync(FirstEvents);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (int i = 0; i < Repetitions; i++)
        {
            await Task.Delay(s_pause, time, stoppingToken);
            await TryRunAsync(RepeatedEvents);
        }
    }

    private async Task TryRunAsync(int events)
    {
        try
        {
            await RunAsync(events);
        }
        catch (ErrnoException)
        {
            // No group or no memory is left: then not.
        }
    }

    private async Task RunAsync(int events)
    {
        EventJournal journal = EventJournal.Create(Slots);
        MadeUpEngine engine = new();
        KnownVerdicts known = new(engine, new NullVerdictStore("a dry run"), isOn: true);
        FaultPlan noFaults = new([]);
        Gate gate = new(journal, engine, known, noFaults, time);
        SlotPool pool = new(journal);
        OutputWriter output = new(Stream.Null, format);
        WaitingEvents waiting = new(journal, output);
        Recorder recorder = new(options, format, engine, output, time);
        DecisionTools tools = new(options, gate, engine, known, recorder, noFaults, time);
        EventDecider decider = new(journal, tools, waiting, pool, NullLogger<EventDecider>.Instance);
        using ScanScheduler scheduler = new(journal, waiting, decider, new SubjectUsers(time), tools);
        scheduler.Start();
        using AfterWrite written = new(known, scheduler, tools);
        ListeningTools listening = new(
            journal, options, gate, pool, waiting, host, own, new ListeningCounters(), noFaults, scheduler, written);
        FilesystemPlan plan = new(0, FilesystemKind.Local, [], [], new Coverage([], believesPaths: true));
        using WatchedGroup group = new(0, FanotifyGroup.Open(), plan, listening);
        for (int i = 0; i < events; i++)
        {
            int index = pool.TryTake();
            Send(journal, waiting[index], group);
            while (journal.Slot(index).State != SlotState.Free)
            {
                await Task.Delay(s_look, time);
            }
        }
    }

    private static void Send(EventJournal journal, WaitingEvent waiting, WatchedGroup group)
    {
        using Descriptor source = Descriptor.OpenRead("/proc/self/comm");
        _ = SealedCopy.TryMake(source.Content, limit: 100, static _ => { }, out SealedCopy? file);
        ref Slot slot = ref journal.Slot(waiting.Index);
        slot.BeginRead(group.Index);
        slot.Event.Descriptor = NoEvent;
        slot.Event.ProcessId = Nobody;
        slot.Event.Mask = EventMask.OpenPermission;
        slot.CompleteRead(Clock.Now, Clock.Now + ((long)s_deadline.TotalMilliseconds * Clock.NanosecondsPerMillisecond));
        bool isKnown = file!.Content.TryGetStatus(StatusScope.Cached, out FileStatus status) == Errno.None;
        waiting.Begin(group, isKnown ? status : null, isRecovered: true);
        waiting.Reopened = file;
        group.HandOn(waiting.Index);
    }

    /// <summary>Finds nothing, on another thread, as an engine does.</summary>
    private sealed class MadeUpEngine : IScanEngine
    {
        public string Name => "made up";

        public EngineEpoch Epoch { get; } = new("dry run", IsSettled: false);

        public int Concurrency => Slots;

        public long MaxFileSize => long.MaxValue;

        public EngineProcess? Process => null;

        public ValueTask<Verdict> ScanAsync(ScanTarget target, CancellationToken cancellation) =>
            new(Task.Run(static () => Verdict.Clean, CancellationToken.None));
    }
}
