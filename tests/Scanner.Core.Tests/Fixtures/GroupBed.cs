using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;
using Scanner.Linux.Processes;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>
/// Groups that follow the mounts of a test's own file system, as in a worker. The test's own mounts are exempt, so that
/// it asks nobody; who is to be asked opens files in another mount namespace.
/// </summary>
internal sealed class GroupBed : IDisposable
{
    private readonly DescriptorPlan _plan = DescriptorPlan.For(OwnProcess.DescriptorLimit.Soft);
    private readonly BlockDevices _devices = new("/sys");
    private readonly WatchRoot _root;
    private BackingFiles _backing;

    public GroupBed(TestMount mount)
        : this(mount, new CleanEngine())
    {
    }

    /// <param name="mount">What is watched.</param>
    /// <param name="engine">Scans.</param>
    /// <param name="tree">The watched directory.</param>
    public GroupBed(TestMount mount, IScanEngine engine, string tree = "/")
    {
        Rooms = new Rooms(slots: 64, engine);
        Rooms.Tools.Scheduler.Start();
        Keeper = new TestKeeper(Rooms.Journal);
        _root = RootOf(mount, tree);
        (Groups, _backing) = StartWorker();
    }

    public Rooms Rooms { get; }

    public TestKeeper Keeper { get; }

    public GroupSet Groups { get; private set; }

    /// <summary>The group in force.</summary>
    public WatchedGroup Current => Assert.Single(Groups.Groups);

    /// <summary>Follows the mounts; everything must be in order.</summary>
    public WatchedGroup Follow()
    {
        Assert.Empty(Groups.Reconcile());
        return Current;
    }

    /// <summary>
    /// The worker dies, and another takes over. Nothing that it was asked may be unanswered: the slots are not taken
    /// over.
    /// </summary>
    public void Restart()
    {
        Groups.Dispose();
        _backing.Dispose();
        Rooms.Journal.Header.WorkerGeneration++;
        Keeper.HandOver(_plan);
        (Groups, _backing) = StartWorker();
    }

    /// <summary>Has a group opened that nobody knows of, as a worker does that dies at once.</summary>
    public void OpenAnother()
    {
        (_, FanotifyGroup group) =
            new SupervisorLink(Keeper.Worker, _plan).OpenGroup(Current.Plan.Key, isReplacement: true);
        group.Dispose();
    }

    public void Dispose()
    {
        Groups.RemoveMarks();
        Groups.Dispose();
        _backing.Dispose();
        Keeper.Dispose();
        Rooms.Dispose();
    }

    private (GroupSet Groups, BackingFiles Backing) StartWorker()
    {
        HostMounts host = Rooms.Tools.Host;
        BackingFiles backing = new(host, _devices, Rooms.Journal);
        GroupSet groups = new(
            Rooms.Tools,
            new MountPlanner(new WatchOptions { Roots = [_root] }, host, new CacheRules(host, _devices)),
            new SupervisorLink(Keeper.Worker, _plan),
            backing,
            _plan,
            NullLogger<GroupSet>.Instance)
        {
            LeavingTime = TimeSpan.FromMilliseconds(100),
        };
        return (groups, backing);
    }

    private static WatchRoot RootOf(TestMount mount, string tree)
    {
        using MountTable mounts = MountTable.OpenOwn();
        using Descriptor place = Descriptor.OpenPath(mount.Root);
        int id = FileStatus.ListedMountIdOf(place);
        DeviceNumber device = mounts.Read().Single(entry => entry.Id == id).Filesystem;
        BytePath path = new(mount.Root + (tree == "/" ? "" : tree));
        return new WatchRoot(path, device, new BytePath(tree), mount.Type, id, FileStatus.Of(place).MountId);
    }
}
