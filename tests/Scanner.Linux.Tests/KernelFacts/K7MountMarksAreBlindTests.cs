using Scanner.Linux.Fanotify;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// A mount mark sees opens through that mount only. Another mount namespace, a bind mount and a mount that is mounted
/// nowhere lead around it; a file system mark sees them all.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K7MountMarksAreBlindTests
{
    public static TheoryData<string> Ways => ["unshare", "bind", "detached"];

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Ways))]
    public Task GivenAMountMark_WhenOpenedAnotherWay_ThenItIsNotAsked(string way) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        string path = mount.Write("file", "content");
        string bind = mount.Bind();
        using FanotifyGroup group = FanotifyGroup.Open();
        using EventReader reader = new(group);
        Mark(group, MarkFlags.Mount, mount);

        using Opener around = Open(way, mount, bind);
        Assert.Equal("content", around.Result().Output);
        reader.AssertSilent();

        using Opener direct = Opener.Cat(path);
        reader.Answer(reader.Next(), Access.Deny);
        Assert.True(direct.Result().WasDenied);
    });

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Ways))]
    public Task GivenAFileSystemMark_WhenOpenedAnotherWay_ThenItIsAsked(string way) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Ext4();
        mount.Write("file", "content");
        string bind = mount.Bind();
        using FanotifyGroup group = FanotifyGroup.Open();
        using EventReader reader = new(group);
        Mark(group, MarkFlags.Filesystem, mount);

        using Opener around = Open(way, mount, bind);
        EventMetadata metadata = reader.Next();
        reader.Answer(metadata, Access.Deny);

        Assert.Equal(around.ProcessId, metadata.ProcessId);
        Assert.True(around.Result().WasDenied);
    });

    private static void Mark(FanotifyGroup group, MarkFlags kind, TestMount mount)
    {
        using Descriptor here = Descriptor.OpenPath("/");
        group.Mark(MarkFlags.Add | kind, EventMask.OpenPermission, here, mount.RootPath);
    }

    private static Opener Open(string way, TestMount mount, string bind) => way switch
    {
        "unshare" => Opener.Start("/usr/bin/unshare", "-rm", "/bin/cat", mount["file"]),
        "bind" => Opener.Cat(Path.Combine(bind, "file")),
        _ => Opener.Start(NativeProgram.Path("detached_cat"), mount.Root, "file"),
    };
}
