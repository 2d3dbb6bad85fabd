using Scanner.Core.Caching;
using Scanner.Core.Policy;
using Scanner.Linux.Mounts;

namespace Scanner.Core.Listening;

/// <summary>What is to be watched through one group.</summary>
/// <param name="Key">The same for the same file systems in every worker; names the group in the journal.</param>
/// <param name="Kind">How its file systems behave.</param>
/// <param name="Filesystems">Their device numbers.</param>
/// <param name="Mounts">Their mounts in the host's namespace that can be reached.</param>
/// <param name="Coverage">Which of their files are decided on.</param>
internal sealed record FilesystemPlan(
    ulong Key,
    FilesystemKind Kind,
    IReadOnlyList<DeviceNumber> Filesystems,
    IReadOnlyList<TrustedMount> Mounts,
    Coverage Coverage)
{
    /// <summary>By what a kept verdict on one of its files may be found.</summary>
    public CacheRule Cache { get; init; } =
        new(Kind == FilesystemKind.Local ? VersionTrust.Version : VersionTrust.None, Key, IsFixed: false);

    /// <summary>For people.</summary>
    public string Places =>
        Mounts.Count == 0 ? "device " + string.Join(", ", Filesystems) : string.Join(", ", Mounts.Select(mount => mount.MountPoint));

    /// <summary>For a group found in the journal, until the mounts are looked at: everything is decided on.</summary>
    public static FilesystemPlan Unknown(ulong key) => new(key, FilesystemKind.Network, [], [], new Coverage([], believesPaths: false));
}
