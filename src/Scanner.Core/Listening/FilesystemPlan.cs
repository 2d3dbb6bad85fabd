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
    /// <summary>For people.</summary>
    public string Places =>
        Mounts.Count == 0
            ? "device " + string.Join(", ", Filesystems)
            : string.Join(", ", Mounts.Select(mount => mount.MountPoint));

    /// <summary>How verdicts may be kept. What the backing file's writers do takes away from it at once.</summary>
    public CacheRule Cache =>
        Backing is { IsTouched: true } ? Rule with { Trust = VersionTrust.Content } : Rule;

    /// <summary>Whether it is an overlay, where a lease does not tell of a mapping whose file is closed.</summary>
    public bool IsOverlay { get; init; }

    /// <summary>
    /// Whether a mount of it shows other owners than its files have, so that others than root may be root for them.
    /// </summary>
    public bool IsIdmapped { get; init; }

    /// <summary>Whether a lease held all the time tells of every writer to the file.</summary>
    public bool LeasesTell => !IsOverlay && Backing is not { IsTouched: true };

    /// <summary>
    /// Whether leases on its files may be kept. Not on a removable disk, which somebody may want to take away.
    /// </summary>
    public bool MayKeepLeases { get; init; }

    /// <summary>How verdicts may be kept as long as nobody writes what lies below the file system.</summary>
    public CacheRule Rule { get; init; }

    /// <summary>
    /// The mount that <see cref="Rule"/> was made for, and that the file system is marked through: another of the same
    /// device number may be of another file system by then. <c>null</c> if nothing is to be kept.
    /// </summary>
    public TrustedMount? Anchor { get; init; }

    /// <summary>The loop devices that it lies on.</summary>
    public IReadOnlyList<Disk> LoopDevices { get; init; } = [];

    /// <summary>Knows of writers to the files behind them.</summary>
    public BackingWatch? Backing { get; init; }

    /// <summary>For a group found in the journal, until the mounts are looked at: everything is decided on.</summary>
    public static FilesystemPlan Unknown(ulong key) =>
        new(key, FilesystemKind.Network, [], [], new Coverage([], believesPaths: false));
}
