namespace Scanner.Engines.Clamd;

/// <summary>How clamd is reached and how much is asked of it.</summary>
public sealed record ClamdOptions
{
    private const long MaxSize = int.MaxValue;

    /// <summary>
    /// The unix socket that clamd listens on, as <c>LocalSocket</c> in clamd.conf. At most 107 bytes.
    /// </summary>
    public required string SocketPath { get; init; }

    /// <summary>Connections that scans share. Fewer than clamd queues scans. Default 2; 1 to 64.</summary>
    public int Sessions { get; init; } = 2;

    /// <summary>
    /// Most scans that clamd is asked for at the same time, over all sessions; never more than it has threads.
    /// Default 32; 1 to 1,024.
    /// </summary>
    public int Outstanding { get; init; } = 32;

    /// <summary>
    /// Bytes of the largest file that is scanned; a lower limit of clamd's counts instead. Default 100 MiB, clamd's own
    /// default; 1 to 2,147,483,647, beyond which clamd does not scan.
    /// </summary>
    public long MaxFileSize { get; init; } = 100 << 20;

    /// <summary>Longest time that connecting to look after clamd may take. Default 500 ms; 10 ms to 10 s.</summary>
    public TimeSpan ConnectLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest time that clamd may take to answer PING. Default 1 s; 10 ms to 10 s.</summary>
    public TimeSpan PingLimit { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two PINGs. Default 500 ms; 10 ms to 1 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long clamd is left alone before it is tried again, once it could not be reached. Default 500 ms; 500 ms to
    /// 60 s.
    /// </summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Age at which a scan without a reply ends its session, so that a reply that got lost does not take a place for
    /// ever. Well above clamd's MaxScanTime. Default 10 min; 1 s to 24 h.
    /// </summary>
    public TimeSpan LongestScan { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Every property that is out of its range.</summary>
    public IReadOnlyList<string> FindErrors()
    {
        List<string> errors = [];
        if (SocketPath.Length == 0)
        {
            errors.Add($"{nameof(SocketPath)} is empty");
        }

        CheckRange(errors, nameof(Sessions), Sessions, 1, 64);
        CheckRange(errors, nameof(Outstanding), Outstanding, 1, 1024);
        CheckRange(errors, nameof(MaxFileSize), MaxFileSize, 1, MaxSize);
        CheckRange(errors, nameof(ConnectLimit), ConnectLimit, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        CheckRange(errors, nameof(PingLimit), PingLimit, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10));
        CheckRange(errors, nameof(PingInterval), PingInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1));
        CheckRange(
            errors, nameof(BreakDuration), BreakDuration, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));
        CheckRange(errors, nameof(LongestScan), LongestScan, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return errors;
    }

    private static void CheckRange<T>(List<string> errors, string name, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            errors.Add($"{name} is {value}, not {least} to {most}");
        }
    }
}
