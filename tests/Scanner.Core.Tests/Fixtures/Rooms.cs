using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Caching;
using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Recording;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Mounts;
using Scanner.Linux.Sockets;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>What the rooms share, wired as in a worker, without threads that read or decide.</summary>
internal sealed class Rooms : IDisposable
{
    private readonly MountTable _table = MountTable.OpenOwn();
    private readonly OutputWriter _output = new(Stream.Null, new JsonRecordFormat());
    private readonly ScanScheduler _scheduler;
    private readonly ControlSocket _offers;
    private readonly DelayedReplies _delayed = new();
    private readonly KernelMarks _marks;
    private readonly ProcessLooks _looks = new();

    public Rooms(int slots = 64, params string[] faults)
        : this(slots, new CleanEngine(), faults)
    {
    }

    public Rooms(int slots, IScanEngine engine, params string[] faults)
    {
        Journal = EventJournal.Create(slots);
        Journal.Header.WorkerGeneration = 1;
        FaultPlan plan = new(faults);
        Root = Descriptor.OpenPath("/");
        WatchOptions options = new();
        Known = new KnownVerdicts(engine, Store, isOn: true);
        Gate = new Gate(Journal, engine, Known, plan, TimeProvider.System);
        Pool = new SlotPool(Journal);
        Waiting = new WaitingEvents(Journal, _output);
        Recorder recorder = new(options, new JsonRecordFormat(), engine, _output, TimeProvider.System);
        DecisionTools tools = new(options, Gate, engine, Known, recorder, _looks, plan, TimeProvider.System);
        EventDecider decider = new(Journal, tools, Waiting, Pool, NullLogger<EventDecider>.Instance);
        _scheduler = new ScanScheduler(
            Journal,
            Waiting,
            decider,
            new SubjectUsers(_looks, TimeProvider.System),
            new WriteShortcut(options, Journal, _looks),
            tools);
        _marks = new KernelMarks(options, Known);
        PrivateMounts own = new(_table, Root);
        (_offers, Supervisor) = ControlSocket.CreatePair();
        Tools = new ListeningTools(
            Journal, options, Gate, Pool, Waiting, _delayed, new HostMounts(_table, Root), own, new ListeningCounters(), plan,
            _scheduler, new AfterWrite(Known, _scheduler, tools), new LeaseOffers(Journal, Known, options, _offers, own),
            _marks, new Replacements(Known));
    }

    /// <summary>Where leases are offered.</summary>
    public ControlSocket Supervisor { get; }

    public EventJournal Journal { get; }

    public Descriptor Root { get; }

    public NoStore Store { get; } = new();

    public KnownVerdicts Known { get; }

    public Gate Gate { get; }

    public SlotPool Pool { get; }

    public WaitingEvents Waiting { get; }

    public ListeningTools Tools { get; }

    /// <summary>A group that nobody reads.</summary>
    public WatchedGroup Group(FilesystemKind kind, Coverage? coverage = null, int index = 0) => new(
        index,
        FanotifyGroup.Open(),
        new FilesystemPlan(1, kind, [], [], coverage ?? new Coverage([], believesPaths: true)),
        Tools);

    public void Dispose()
    {
        _scheduler.Dispose();
        _looks.Dispose();
        _delayed.Dispose();
        Supervisor.Dispose();
        _marks.Dispose();
        _offers.Dispose();
        _table.Dispose();
        Root.Dispose();
    }
}
