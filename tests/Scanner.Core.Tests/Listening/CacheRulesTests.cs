using Scanner.Core.Caching;
using Scanner.Core.Listening;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>By what verdicts are found, and which file systems are told apart.</summary>
[Collection(MarksCollection.Name)]
public sealed class CacheRulesTests : IDisposable
{
    private readonly Planned _planned = new();

    public void Dispose() => _planned.Dispose();

    [Theory(Timeout = 60_000)]
    [InlineData("ext4", VersionTrust.Version)]
    [InlineData("xfs", VersionTrust.Version)]
    [InlineData("btrfs", VersionTrust.Version)]
    [InlineData("tmpfs", VersionTrust.Content)]
    public Task GivenAFileSystem_WhenPlanned_ThenItsTypeSaysWhatIsTrusted(
        string type, object trust) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);

        FilesystemPlan plan = _planned.Plan(mount);

        Assert.Equal((VersionTrust)trust, plan.Cache.Trust);
        Assert.False(plan.Cache.IsFixed);

        // Of btrfs all that there are on this machine count: which one is whose cannot be told.
        int least = type == "tmpfs" ? 0 : 1;
        Assert.InRange(plan.LoopDevices.Count, least, type == "btrfs" ? int.MaxValue : least);
        Assert.Equal(plan.Mounts.Single(), plan.Anchor);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("fuse.sshfs")]
    [InlineData("nfs4")]
    public Task GivenAFileSystemOfAServer_WhenPlanned_ThenNothingIsKept(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();

        Assert.Equal(default, _planned.Plan(type, mount.Root).Cache);
        Assert.Equal(VersionTrust.None, FilesystemPlan.Unknown(1).Cache.Trust);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("overlay")]
    [InlineData("ext4")]
    public Task GivenATableThatSaysAnotherType_WhenPlanned_ThenOnlyContentIsTrusted(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type == "ext4" ? "tmpfs" : "ext4");

        Assert.Equal(VersionTrust.Content, _planned.Plan(type, mount.Root).Cache.Trust);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenInodesWithoutBirthTimes_WhenPlanned_ThenOnlyContentIsTrusted() => Blocking.Run(() =>
    {
        // Their change times have whole seconds only.
        using TestMount mount = TestMount.Ext4();
        Tool.Run("umount", mount.Root);
        Tool.Run("mkfs.ext4", "-q", "-F", "-I", "128", mount.Image);
        mount.Attach();

        Assert.Equal(VersionTrust.Content, _planned.Plan(mount).Cache.Trust);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("0\n", VersionTrust.Content)]
    [InlineData("1\n", VersionTrust.Version)]
    public Task GivenASetting_WhenLeasesAreOff_ThenOnlyContentIsTrusted(
        string leases, object trust) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using TestMount proc = TestMount.Tmpfs();
        Directory.CreateDirectory(proc["sys/fs"]);
        Directory.CreateDirectory(proc["sys/kernel/random"]);
        File.WriteAllText(proc["sys/fs/leases-enable"], leases);
        File.WriteAllText(proc["sys/kernel/random/boot_id"], "boot\n");
        _planned.Rules = new CacheRules(_planned.Host, _planned.Devices, proc.Root);

        Assert.Equal((VersionTrust)trust, _planned.Plan(mount).Cache.Trust);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("ext4")]
    [InlineData("btrfs")]
    [InlineData("tmpfs")]
    public Task GivenAMount_WhenTheNextWorkerPlans_ThenItsNameIsTheSame(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string second = mount.Bind();
        ulong first = _planned.Plan(mount).Cache.Identity;

        _planned.Rules = new CacheRules(_planned.Host, _planned.Devices);

        Assert.Equal(first, _planned.Plan(mount).Cache.Identity);
        Assert.Equal(first, _planned.Plan(type, second, mount.Root).Cache.Identity);
    });

    [Theory(Timeout = 60_000)]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAnImage_WhenItIsMountedAnew_ThenItIsAnotherFileSystem(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        ulong first = _planned.Plan(mount).Cache.Identity;

        Tool.Run("umount", mount.Root);
        mount.Attach();

        Assert.NotEqual(first, _planned.Plan(mount).Cache.Identity);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenACopyOfAnImage_WhenBothAreMounted_ThenTheyAreToldApart() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        using TestMount other = TestMount.Ext4();
        Tool.Run("umount", mount.Root);
        Tool.Run("umount", other.Root);
        Tool.Run("cp", "--sparse=always", mount.Image, other.Image);
        mount.Attach();
        other.Attach();

        Assert.NotEqual(_planned.Plan(mount).Cache.Identity, _planned.Plan(other).Cache.Identity);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenADiskThatIsBuiltIn_WhenItsFileSystemIsMountedAnew_ThenItIsTheSame() => Blocking.Run(() =>
    {
        // Only sysfs is made up: the loop device is said to be a disk.
        using TestMount mount = TestMount.Ext4();
        using TestMount sysfs = TestMount.Tmpfs();
        string disk = Directory.CreateDirectory(sysfs["devices/pci0/block/sda"]).FullName;
        File.WriteAllText(Path.Combine(disk, "removable"), "0\n");
        Directory.CreateDirectory(sysfs["dev/block"]);
        for (uint number = 0; number < 256; number++)
        {
            Directory.CreateSymbolicLink(sysfs[$"dev/block/7:{number}"], disk);
        }

        _planned.Rules = new CacheRules(_planned.Host, new BlockDevices(sysfs.Root));
        CacheRule first = _planned.Plan(mount).Cache;
        Tool.Run("umount", mount.Root);
        mount.Attach();

        Assert.Equal((VersionTrust.Version, true), (first.Trust, first.IsFixed));
        Assert.Equal(first, _planned.Plan(mount).Cache);
        Assert.True(_planned.Plan(mount).MayKeepLeases);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenADiskThatCanBeTakenAway_WhenPlanned_ThenVersionsAreTrustedAndNoLeaseIsKept() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        Assert.True(_planned.Plan(mount).MayKeepLeases);
        using TestMount sysfs = TestMount.Tmpfs();
        string disk = Directory.CreateDirectory(sysfs["devices/pci0/usb1/block/sda"]).FullName;
        File.WriteAllText(Path.Combine(disk, "removable"), "1\n");
        Directory.CreateDirectory(sysfs["dev/block"]);
        for (uint number = 0; number < 256; number++)
        {
            Directory.CreateSymbolicLink(sysfs[$"dev/block/7:{number}"], disk);
        }

        _planned.Rules = new CacheRules(_planned.Host, new BlockDevices(sysfs.Root));

        Assert.Equal(VersionTrust.Version, _planned.Plan(mount).Cache.Trust);
        Assert.False(_planned.Plan(mount).MayKeepLeases);
    });

    [Fact(Timeout = 60_000)]
    public Task GivenAFileAsAMountPoint_WhenPlanned_ThenItIsNotOpened() => Blocking.Run(() =>
    {
        // An open would ask for permission, which nobody may be there to give yet.
        using TestMount mount = TestMount.Ext4();
        string file = mount.Write("file", "content");
        string target = mount.Write("target", "");
        Tool.Run("mount", "--bind", file, target);
        try
        {
            FilesystemPlan plan = _planned.Plan("ext4", target);

            Assert.Equal(default, plan.Cache);
            Assert.Null(plan.Anchor);
        }
        finally
        {
            Mount.Detach(new BytePath(target));
        }
    });
}
