using System.Collections.Frozen;

namespace Scanner.Core.Listening;

/// <summary>Tells a file system's kind by the type that the mount table shows.</summary>
internal static class FilesystemKinds
{
    private static readonly FrozenSet<string> s_pseudo = new[]
    {
        "autofs", "bdev", "binder", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "cpuset", "debugfs",
        "devpts", "devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nfsd", "nsfs", "pipefs", "proc",
        "pstore", "resctrl", "rpc_pipefs", "securityfs", "selinuxfs", "smackfs", "sockfs", "sysfs", "tracefs",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> s_network = new[]
    {
        "9p", "afs", "ceph", "cifs", "coda", "glusterfs", "gfs2", "lustre", "nfs", "nfs4", "ocfs2", "orangefs",
        "smb3", "smbfs", "virtiofs",
    }.ToFrozenSet();

    /// <summary>The kind of a type; what is not known is taken to be local.</summary>
    public static FilesystemKind Of(string type)
    {
        if (s_pseudo.Contains(type))
        {
            return FilesystemKind.Pseudo;
        }

        if (type is "fuse" or "fuseblk" || type.StartsWith("fuse.", StringComparison.Ordinal))
        {
            return FilesystemKind.Fuse;
        }

        return s_network.Contains(type) ? FilesystemKind.Network : FilesystemKind.Local;
    }
}
