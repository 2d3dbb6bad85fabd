using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Journal;
using Scanner.Linux;
using Scanner.Linux.Fanotify;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;
using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>
/// Groups that follow the mounts of a test's own file system, as in a worker. The test's own mounts are exempt, so that
/// nobody is asked.
/// </summary>
internal sealed class GroupBed : IDisposable
{
    private readonly Rooms _rooms = new();
    private readonly ControlSocket _worker;
    private readonly ControlSocket _supervisor;
    private readonly Thread _keeper;
    private readonly BackingFiles _backing;

    public GroupBed(TestMount mount)
    {
        (_worker, _supervisor) = ControlSocket.CreatePair();
        _keeper = new Thread(Keep) { IsBackground = true };
        _keeper.Start();
        DescriptorPlan plan = DescriptorPlan.For(OwnProcess.DescriptorLimit.Soft);
        BlockDevices devices = new("/sys");
        HostMounts host = _rooms.Tools.Host;
        _backing = new BackingFiles(host, devices, _rooms.Journal);
        Groups = new GroupSet(
            _rooms.Tools,
            new MountPlanner(new WatchOptions { Roots = [RootOf(mount)] }, host, new CacheRules(host, devices)),
            new SupervisorLink(_worker, plan),
            _backing,
            plan,
            NullLogger<GroupSet>.Instance);
    }

    public GroupSet Groups { get; }

    /// <summary>Follows the mounts; everything must be in order.</summary>
    public WatchedGroup Follow()
    {
        Assert.Empty(Groups.Reconcile());
        return Assert.Single(Groups.Groups);
    }

    public void Dispose()
    {
        Groups.RemoveMarks();
        Groups.Dispose();
        _backing.Dispose();
        _worker.Dispose();
        _keeper.Join();
        _supervisor.Dispose();
        _rooms.Dispose();
    }

    private static WatchRoot RootOf(TestMount mount)
    {
        using MountTable mounts = MountTable.OpenOwn();
        using Descriptor place = Descriptor.OpenPath(mount.Root);
        int id = FileStatus.ListedMountIdOf(place);
        DeviceNumber device = mounts.Read().Single(entry => entry.Id == id).Filesystem;
        return new WatchRoot(mount.RootPath, device, new BytePath("/"), mount.Type, id, FileStatus.Of(place).MountId);
    }

    /// <summary>The supervisor's part.</summary>
    private void Keep()
    {
        ControlMessage request = default;
        for (int index = 0;
            _supervisor.Receive(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref request, 1)), out _) == Errno.None;)
        {
            bool isOpening = request.Kind == ControlMessageKind.OpenGroup;
            using FanotifyGroup? group = isOpening ? FanotifyGroup.Open() : null;
            ControlMessage answer = new(ControlMessageKind.Done, isOpening ? index++ : request.Group, request.Key);
            _supervisor.Send(MemoryMarshal.AsBytes(new ReadOnlySpan<ControlMessage>(in answer)), group);
        }
    }
}
