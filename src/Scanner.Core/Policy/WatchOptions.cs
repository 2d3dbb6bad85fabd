using Scanner.Linux.Fanotify;

namespace Scanner.Core.Policy;

/// <summary>What <c>scannerd watch</c> was asked to do.</summary>
public sealed record WatchOptions
{
    /// <summary>The directories to watch. At least one.</summary>
    public IReadOnlyList<WatchRoot> Roots { get; init; } = [];

    /// <summary>Whether the root file system may be watched. Default: no.</summary>
    public bool WholeRoot { get; init; }

    /// <summary>What scans. Default: the built-in engine; the command line prefers a clamd that answers.</summary>
    public EngineChoice Engine { get; init; } = new(EngineKind.Signatures, null, "by default");

    /// <summary>What scans while the engine cannot be reached. Default: nothing.</summary>
    public EngineChoice? Fallback { get; init; }

    /// <summary>
    /// The largest file to scan, in bytes; the engine's own limit holds too. Default: 100 MiB for clamd, none for the
    /// built-in engine.
    /// </summary>
    public long? MaxFileSize { get; init; }

    /// <summary>
    /// Where verdicts are kept. Default: <see cref="CacheKind.Disk"/>, in <see cref="StateDirectory"/>.
    /// </summary>
    public CacheKind Cache { get; init; } = CacheKind.Disk;

    /// <summary>
    /// Whether the kernel may be told to let opens of a clean file pass unasked, where only root can write it or while
    /// a lease is kept. Default: yes.
    /// </summary>
    public bool KernelMarks { get; init; } = true;

    /// <summary>
    /// How many leases may be kept at a time on files that users can write, so that the kernel may let opens of them
    /// pass; 0 to 65,536, and at most half of RLIMIT_SIGPENDING. Default: 8,192.
    /// </summary>
    public int KeptLeases { get; init; } = 8192;

    /// <summary>
    /// How long a lease is kept at a time, and its file system cannot be unmounted; 1 s to 10 min. Default: 30 s.
    /// </summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether leases may also be kept on what was mounted after the start, which may be soon to be unmounted. On
    /// Linux before 6.8, which does not tell, on any mount at all. Default: no.
    /// </summary>
    public bool LeaseLaterMounts { get; init; }

    /// <summary>
    /// Whether an open for writing only, which cannot read what is there, is allowed without a scan. Default: yes.
    /// </summary>
    public bool WriteShortcut { get; init; } = true;

    /// <summary>What failure means. Default: <see cref="Profile.Available"/>.</summary>
    public Profile Profile { get; init; } = Profile.Available;

    /// <summary>
    /// What happens to opens when workers keep dying, or none gets ready: allow leaves the machine unprotected, deny
    /// leaves what is watched unusable, until a worker is ready. Default: allow with <see cref="Profile.Available"/>,
    /// deny with <see cref="Profile.Strict"/>; always allow with <see cref="Observe"/>.
    /// </summary>
    public Access? CrashAction { get; init; }

    /// <summary>
    /// How long opens are kept waiting for a worker to get ready before the crash action takes effect; 1 s to 10 min.
    /// Default: 10 s.
    /// </summary>
    public TimeSpan CrashBudget { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many deaths within a minute have the crash action take effect; 1 to 1,000. Default: 5.</summary>
    public int CrashDeaths { get; init; } = 5;

    /// <summary>
    /// Longest wait of an open for a small file, 100 ms to 10 min; a second more for each 20 MB, at most 60 s unless
    /// this is longer.
    /// Default: 5 s.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether decisions are only reported, and every open is allowed. Default: no.</summary>
    public bool Observe { get; init; }

    /// <summary>Where the daemon keeps what it knows. Default: <c>/var/lib/scanner</c>.</summary>
    public string StateDirectory { get; init; } = "/var/lib/scanner";

    /// <summary>Whether records are JSON objects instead of text. Default: no.</summary>
    public bool Json { get; init; }

    /// <summary>Whether allowed opens are recorded too. Default: no.</summary>
    public bool Verbose { get; init; }

    /// <summary>Test switches: rooms that throw, as <c>ROOM</c> or <c>ROOM:N</c> for every N-th time.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];
}
