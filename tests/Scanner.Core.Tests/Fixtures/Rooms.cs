using Scanner.Core.Deciding;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Recording;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>What the rooms share, wired as in a worker, without threads that read or decide.</summary>
internal sealed class Rooms : IDisposable
{
    private readonly MountTable _table = MountTable.OpenOwn();
    private readonly OutputWriter _output = new(Stream.Null);

    public Rooms(int slots = 64, params string[] faults)
    {
        Journal = EventJournal.Create(slots);
        Journal.Header.WorkerGeneration = 1;
        FaultPlan plan = new(faults);
        Root = Descriptor.OpenPath("/");
        Gate = new Gate(Journal, plan);
        Pool = new SlotPool(Journal);
        Waiting = new WaitingEvents(Journal, _output);
        Tools = new ListeningTools(
            Journal, new WatchOptions(), Gate, Pool, Waiting, new HostMounts(_table, Root), new ListeningCounters(),
            plan, new ScanLanes());
    }

    public EventJournal Journal { get; }

    public Descriptor Root { get; }

    public Gate Gate { get; }

    public SlotPool Pool { get; }

    public WaitingEvents Waiting { get; }

    public ListeningTools Tools { get; }

    /// <summary>A group that nobody reads.</summary>
    public WatchedGroup Group(FilesystemKind kind, Coverage? coverage = null) => new(
        0, FanotifyGroup.Open(), new FilesystemPlan(1, kind, [], [], coverage ?? new Coverage([], null)), Tools);

    public void Dispose()
    {
        _table.Dispose();
        _output.Dispose();
        Root.Dispose();
    }
}
