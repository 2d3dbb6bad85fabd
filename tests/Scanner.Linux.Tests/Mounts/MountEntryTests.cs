using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Mounts;

public sealed class MountEntryTests
{
    [Theory(Timeout = 10_000)]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw,errors=continue")]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue")]
    [InlineData(
        "36 35 98:0 /mnt1 /mnt2 rw,noatime shared:9 master:1 propagate_from:2 - ext3 /dev/root rw,errors=continue")]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime unbindable - ext3  rw,errors=continue")]
    public Task GivenAnyNumberOfOptionalFields_WhenParsed_ThenTheOthersAreFound(string line) => Blocking.Run(() =>
    {
        MountEntry entry = MountEntry.Parse(System.Text.Encoding.UTF8.GetBytes(line));

        Assert.Equal(
            new MountEntry(
                36, new DeviceNumber(98, 0), new BytePath("/mnt1"), new BytePath("/mnt2"), "ext3", "rw,errors=continue"),
            entry);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenEscapesAndBytesThatAreNotUtf8_WhenParsed_ThenTheBytesAreExact() => Blocking.Run(() =>
    {
        byte[] line =
            [.. "1 2 0:42 /a\\040b /m\\011\\012\\134\\043"u8, 0xFF, .. " rw - fuse.sshfs me\\040@host: rw,user_id=0"u8];

        MountEntry entry = MountEntry.Parse(line);

        Assert.Equal("/a b", entry.Root.ToString());
        Assert.Equal([.. "/m\t\n\\#"u8, 0xFF], entry.MountPoint.Bytes.ToArray());
        Assert.Equal(("fuse.sshfs", "0", null), (entry.Type, entry.Option("user_id"), entry.Option("user")));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenOverlayOptions_WhenAsked_ThenOnlyTheWholeNameMatches() => Blocking.Run(() =>
    {
        MountEntry entry = MountEntry.Parse(
            "1 2 0:42 / / rw - overlay overlay rw,lowerdir=/l1:/l2,upperdir=/u,workdir=/w"u8);

        Assert.Equal(
            ("/l1:/l2", "/u", null, null),
            (entry.Option("lowerdir"), entry.Option("upperdir"), entry.Option("upper"), entry.Option("rw")));
    });

    [Theory(Timeout = 10_000)]
    [InlineData("rw,relatime", false)]
    [InlineData("rw,relatime,idmapped", true)]
    [InlineData("idmapped,ro", true)]
    [InlineData("rw,notidmapped", false)]
    public Task GivenMountOptions_WhenParsed_ThenItIsKnownWhetherOwnersAreMapped(string options, bool isIdmapped) =>
        Blocking.Run(() =>
        {
            byte[] line = System.Text.Encoding.UTF8.GetBytes($"1 2 7:0 / /m {options} idmapped:1 - ext4 /dev/loop0 rw");
            Assert.Equal(isIdmapped, MountEntry.Parse(line).IsIdmapped);
        });

    [Fact(Timeout = 10_000)]
    public Task GivenALineThatEndsEarly_WhenParsed_ThenItIsRefused() =>
        Blocking.Run(() => Assert.Throws<FormatException>(() => MountEntry.Parse("36 35 98:0 /mnt1 /mnt2 rw"u8)));

    [Fact(Timeout = 10_000)]
    public Task GivenADeviceNumber_WhenShown_ThenItIsAsTheTableHasIt() => Blocking.Run(() =>
    {
        DeviceNumber device = DeviceNumber.Parse("254:65537"u8);

        Assert.Equal(("254:65537", 0xFE_0001_0001UL), (device.ToString(), device.Packed));
    });
}
