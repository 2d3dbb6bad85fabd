using Scanner.Linux.Mounts;

namespace Scanner.Linux.Tests.Mounts;

/// <summary>What a device lies on, told from a sysfs that is made up.</summary>
public sealed class BlockDevicesTests : IDisposable
{
    private const string Pci = "devices/pci0000:00/0000:00:17.0";

    private readonly string _sysfs = Directory.CreateTempSubdirectory("scanner-sysfs-").FullName;

    public void Dispose() => Directory.Delete(_sysfs, recursive: true);

    [Theory(Timeout = 5_000)]
    [InlineData($"{Pci}/ata1/host0/target0:0:0/0:0:0:0/block/sda", "0", DiskKind.Fixed)]
    [InlineData($"{Pci}/ata1/host0/target0:0:0/0:0:0:0/block/sda", "1", DiskKind.Removable)]
    [InlineData($"{Pci}/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb", "0", DiskKind.Removable)]
    [InlineData("devices/platform/host3/session1/target3:0:0/3:0:0:1/block/sdc", "0", DiskKind.Removable)]
    [InlineData($"{Pci}/virtio1/block/vda", "0", DiskKind.Fixed)]
    [InlineData($"{Pci}/nvme/nvme0/nvme0n1", "0", DiskKind.Fixed)]
    [InlineData("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "0", DiskKind.Removable)]
    [InlineData($"{Pci}/mmc_host/mmc0/mmc0:0001/block/mmcblk0", "0", DiskKind.Removable)]
    [InlineData("devices/virtual/block/zram0", "0", DiskKind.Removable)]
    [InlineData("devices/virtual/block/nbd0", "0", DiskKind.Unknown)]
    [InlineData("devices/virtual/block/ublkb0", "0", DiskKind.Unknown)]
    [InlineData("devices/rbd/0/block/rbd0", "0", DiskKind.Unknown)]
    public Task GivenADisk_WhenAsked_ThenItIsToldWhoElseCanChangeIt(string directory, string removable, DiskKind kind)
    {
        AddDisk(new DeviceNumber(8, 0), directory, removable);

        Disk disk = Assert.Single(Devices.DisksOf(new DeviceNumber(8, 0)));

        Assert.Equal((Path.GetFileName(directory), kind), (disk.Name, disk.Kind));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenABusThatIsRemovable_WhenItsDiskSaysThatItIsNot_ThenTheBusIsBelieved()
    {
        AddDisk(new DeviceNumber(259, 0), $"{Pci}/0000:3a:00.0/nvme/nvme0/nvme0n1", "0");
        File.WriteAllText(Path.Combine(_sysfs, Pci, "0000:3a:00.0/removable"), "removable\n");

        Assert.Equal([DiskKind.Removable], Devices.DisksOf(new DeviceNumber(259, 0)).Select(disk => disk.Kind));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAPartition_WhenAsked_ThenItsDiskIsLookedAt()
    {
        string disk = AddDisk(new DeviceNumber(8, 0), $"{Pci}/ata1/block/sda", "0");
        string partition = Directory.CreateDirectory(Path.Combine(disk, "sda1")).FullName;
        File.WriteAllText(Path.Combine(partition, "partition"), "1\n");
        Link(new DeviceNumber(8, 1), partition);

        Disk found = Assert.Single(Devices.DisksOf(new DeviceNumber(8, 1)));
        Assert.Equal(("sda", DiskKind.Fixed), (found.Name, found.Kind));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenMappedDevices_WhenAsked_ThenEachPartIsLookedAt()
    {
        string disk = AddDisk(new DeviceNumber(8, 0), $"{Pci}/ata1/block/sda", "0");
        string loop = AddDisk(new DeviceNumber(7, 0), "devices/virtual/block/loop0", "0");
        Directory.CreateDirectory(Path.Combine(loop, "loop"));
        string lower = AddDisk(new DeviceNumber(252, 0), "devices/virtual/block/dm-0", "0");
        string upper = AddDisk(new DeviceNumber(252, 1), "devices/virtual/block/dm-1", "0");
        AddSlaves(lower, loop);
        AddSlaves(upper, lower, disk);

        Assert.Equal(
            [("loop0", DiskKind.Loop), ("sda", DiskKind.Fixed)],
            Devices.DisksOf(new DeviceNumber(252, 1)).Select(found => (found.Name!, found.Kind)).Order());
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenABtrfsOnTwoDisks_WhenAsked_ThenBothAreLookedAt()
    {
        Guid uuid = Guid.NewGuid();
        string fixedDisk = AddDisk(new DeviceNumber(8, 0), $"{Pci}/ata1/block/sda", "0");
        string stick = AddDisk(new DeviceNumber(8, 16), $"{Pci}/usb1/block/sdb", "0");
        string devices = Path.Combine(_sysfs, "fs/btrfs", uuid.ToString(), "devices");
        Directory.CreateDirectory(devices);
        Directory.CreateSymbolicLink(Path.Combine(devices, "sda"), fixedDisk);
        Directory.CreateSymbolicLink(Path.Combine(devices, "sdb"), stick);

        Assert.Equal(
            [DiskKind.Removable, DiskKind.Fixed], Devices.DisksOfBtrfs(uuid).Select(disk => disk.Kind).Order());
        Assert.Equal(2, Devices.DisksOfBtrfs(Guid.Empty).Count);
        Assert.Equal([DiskKind.Unknown], Devices.DisksOfBtrfs(Guid.NewGuid()).Select(disk => disk.Kind));
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenANumberThatIsNoBlockDevice_WhenAsked_ThenNothingIsKnownOfIt()
    {
        Assert.Equal([DiskKind.Unknown], Devices.DisksOf(new DeviceNumber(0, 40)).Select(disk => disk.Kind));
        return Task.CompletedTask;
    }

    [Theory(Timeout = 5_000)]
    [InlineData("/images/a b.img\n", "/images/a b.img")]
    [InlineData("\n", null)]
    public Task GivenALoopDevice_WhenAsked_ThenItsFilesPathIsTold(string content, string? path)
    {
        string loop = AddDisk(new DeviceNumber(7, 0), "devices/virtual/block/loop0", "0");
        Directory.CreateDirectory(Path.Combine(loop, "loop"));
        File.WriteAllText(Path.Combine(loop, "loop/backing_file"), content);

        Assert.Equal(path, BlockDevices.BackingFileOf(Devices.DisksOf(new DeviceNumber(7, 0)).Single())?.ToString());
        return Task.CompletedTask;
    }

    private BlockDevices Devices => new(_sysfs);

    private string AddDisk(DeviceNumber number, string directory, string removable)
    {
        string path = Directory.CreateDirectory(Path.Combine(_sysfs, directory)).FullName;
        File.WriteAllText(Path.Combine(path, "removable"), removable + "\n");
        Link(number, path);
        return path;
    }

    private static void AddSlaves(string directory, params string[] parts)
    {
        string slaves = Directory.CreateDirectory(Path.Combine(directory, "slaves")).FullName;
        foreach (string part in parts)
        {
            Directory.CreateSymbolicLink(Path.Combine(slaves, Path.GetFileName(part)), part);
        }
    }

    private void Link(DeviceNumber number, string directory)
    {
        string links = Directory.CreateDirectory(Path.Combine(_sysfs, "dev/block")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(links, number.ToString()), directory);
    }
}
