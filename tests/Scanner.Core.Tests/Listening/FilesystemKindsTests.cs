using Scanner.Core.Listening;

namespace Scanner.Core.Tests.Listening;

public sealed class FilesystemKindsTests
{
    public static TheoryData<string, string> Types()
    {
        TheoryData<string, string> types = [];
        Add("Local", "ext4", "xfs", "btrfs", "tmpfs", "overlay", "vfat", "ramfs", "squashfs", "unheard-of", "fusion");
        Add("Network", "nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "virtiofs");
        Add("Fuse", "fuse", "fuseblk", "fuse.sshfs", "fuse.");
        Add("Pseudo", "proc", "sysfs", "cgroup2", "devtmpfs", "devpts", "debugfs", "fusectl", "mqueue", "nsfs", "bpf");
        return types;

        void Add(string kind, params string[] names)
        {
            foreach (string name in names)
            {
                types.Add(name, kind);
            }
        }
    }

    [Theory(Timeout = 5_000)]
    [MemberData(nameof(Types))]
    public Task GivenAType_WhenAsked_ThenItsKindIsKnown(string type, string kind)
    {
        Assert.Equal(kind, FilesystemKinds.Of(type).ToString());
        return Task.CompletedTask;
    }
}
