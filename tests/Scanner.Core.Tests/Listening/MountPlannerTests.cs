using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Tests.Listening;

/// <summary>
/// Which groups there are for a mount table; the tables are made up, none of their mounts is reached.
/// </summary>
public sealed class MountPlannerTests : IDisposable
{
    private static readonly DeviceNumber s_root = new(8, 1);
    private static readonly DeviceNumber s_data = new(8, 2);
    private static readonly DeviceNumber s_other = new(8, 3);
    private static readonly DeviceNumber s_third = new(0, 40);

    private readonly MountTable _table = MountTable.OpenOwn();
    private readonly Descriptor _hostRoot = Descriptor.OpenPath("/");
    private readonly List<MountEntry> _entries = [];

    public MountPlannerTests() => Add(s_root, "/", "/", "ext4");

    public void Dispose()
    {
        _hostRoot.Dispose();
        _table.Dispose();
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAWatchedDirectory_WhenPlanned_ThenItsFileSystemAloneIsWatched()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_other, "/", "/nonexistent/other", "xfs");

        FilesystemPlan plan = Assert.Single(Plan(out _, Root("/nonexistent/data", s_data, "/")));

        Assert.Equal((s_data.Packed, FilesystemKind.Local), (plan.Key, plan.Kind));
        Assert.Equal([s_data], plan.Filesystems);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenFileSystemsMountedBelow_WhenPlanned_ThenEachHasAGroupOfItsOwn()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_other, "/", "/nonexistent/data/a", "ext4");
        Add(s_third, "/", "/nonexistent/data/a/b", "overlay");
        Add(new DeviceNumber(8, 9), "/", "/nonexistent/data-b", "ext4");

        IReadOnlyList<FilesystemPlan> plans = Plan(out _, Root("/nonexistent/data", s_data, "/"));

        Assert.Equal(
            new[] { s_data.Packed, s_other.Packed, s_third.Packed }.Order(), plans.Select(plan => plan.Key).Order());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenPseudoFileSystemsBelow_WhenPlanned_ThenNoneIsWatched()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_other, "/", "/nonexistent/data/proc", "proc");
        Add(s_third, "/", "/nonexistent/data/sys", "sysfs");

        Assert.Equal([s_data], Plan(out _, Root("/nonexistent/data", s_data, "/")).Single().Filesystems);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenTheRootFileSystemBoundBelow_WhenPlanned_ThenItIsRefusedAndNamed()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_root, "/srv/shared", "/nonexistent/data/shared", "ext4");

        IReadOnlyList<FilesystemPlan> plans =
            Plan(out List<string> failures, Root("/nonexistent/data", s_data, "/"));

        Assert.Equal([s_data.Packed], plans.Select(plan => plan.Key));
        Assert.Equal(["/srv/shared: is on the root file system; see --whole-root"], failures);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenSeveralRootsOnTopOfEachOther_WhenPlanned_ThenNoneOfThemIsWatched()
    {
        Add(s_other, "/", "/", "ext4");
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_other, "/a", "/nonexistent/data/a", "ext4");
        Add(s_root, "/b", "/nonexistent/data/b", "ext4");

        IReadOnlyList<FilesystemPlan> plans =
            Plan(out List<string> failures, Root("/nonexistent/data", s_data, "/"));

        Assert.Equal([s_data.Packed], plans.Select(plan => plan.Key));
        Assert.Equal(2, failures.Count);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenWholeRoot_WhenPlanned_ThenTheRootFileSystemIsWatched()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        WatchOptions options = new() { WholeRoot = true, Roots = [Root("/", s_root, "/")] };

        IReadOnlyList<FilesystemPlan> plans = Plan(options, out List<string> failures);

        Assert.Equal(new[] { s_root.Packed, s_data.Packed }.Order(), plans.Select(plan => plan.Key).Order());
        Assert.Empty(failures);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenBindMountsOfOneFileSystem_WhenPlanned_ThenTheyShareAGroup()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_data, "/part", "/nonexistent/elsewhere", "xfs");
        Add(s_data, "/part", "/nonexistent/data/again", "xfs");

        FilesystemPlan plan = Assert.Single(Plan(out _, Root("/nonexistent/data", s_data, "/")));

        Assert.Equal([s_data], plan.Filesystems);
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenFuseFileSystems_WhenPlanned_ThenThoseOfOneUserShareAGroup()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(new DeviceNumber(0, 50), "/", "/nonexistent/data/a", "fuse.sshfs", "rw,user_id=1000,group_id=1000");
        Add(new DeviceNumber(0, 51), "/", "/nonexistent/data/b", "fuse.other", "rw,user_id=1000");
        Add(new DeviceNumber(0, 52), "/", "/nonexistent/data/c", "fuse", "rw,user_id=1001");
        Add(new DeviceNumber(0, 53), "/", "/nonexistent/data/d", "fuse", "rw,xuser_id=1001");

        List<FilesystemPlan> fuse =
            [.. Plan(out _, Root("/nonexistent/data", s_data, "/")).Where(plan => plan.Kind == FilesystemKind.Fuse)];

        Assert.All(fuse, plan => Assert.Equal(default, plan.Cache));
        Assert.Equal([1, 1, 2], fuse.Select(plan => plan.Filesystems.Count).Order());
        Assert.Equal(
            [new DeviceNumber(0, 50), new DeviceNumber(0, 51)],
            fuse.Single(plan => plan.Filesystems.Count == 2).Filesystems);
        Assert.Equal(3, fuse.Select(plan => plan.Key).Distinct().Count());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenTheSameMounts_WhenPlannedAgain_ThenTheKeysAreTheSame()
    {
        Add(s_data, "/", "/nonexistent/data", "xfs");
        Add(s_third, "/", "/nonexistent/data/a", "fuse", "user_id=7");
        WatchRoot root = Root("/nonexistent/data", s_data, "/");

        Assert.Equal(Plan(out _, root).Select(plan => plan.Key), Plan(out _, root).Select(plan => plan.Key));
        return Task.CompletedTask;
    }

    private WatchRoot Root(string path, DeviceNumber filesystem, string tree) =>
        new(new BytePath(path), filesystem, new BytePath(tree), "ext4", ListedId(filesystem), UniqueMountId: 1);

    private int ListedId(DeviceNumber filesystem) => _entries.First(entry => entry.Filesystem == filesystem).Id;

    private void Add(DeviceNumber filesystem, string root, string mountPoint, string type, string options = "rw") =>
        _entries.Add(new MountEntry(
            100_000 + _entries.Count, filesystem, new BytePath(root), new BytePath(mountPoint), type, options));

    private IReadOnlyList<FilesystemPlan> Plan(out List<string> failures, params WatchRoot[] roots) =>
        Plan(new WatchOptions { Roots = roots }, out failures);

    private IReadOnlyList<FilesystemPlan> Plan(WatchOptions options, out List<string> failures)
    {
        HostMounts host = new(_table, _hostRoot);
        CacheRules rules = new(host, new BlockDevices("/sys"));
        return new MountPlanner(options, host, rules).Plan(_entries, out failures);
    }
}
