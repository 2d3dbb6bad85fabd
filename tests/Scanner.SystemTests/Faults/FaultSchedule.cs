namespace Scanner.SystemTests.Faults;

/// <summary>Faults at random moments, the same ones for the same seed.</summary>
internal sealed class FaultSchedule(int seed, IReadOnlyList<FaultKind> kinds)
{
    /// <summary>Long enough that files become known again, and leases and marks are kept on them.</summary>
    private const int LongestPause = 600;

    private readonly Random _random = new(seed);

    /// <summary>All kinds. A worker dies in most of them, which is what loses events if anything does.</summary>
    public static IReadOnlyList<FaultKind> All { get; } =
    [
        .. Enumerable.Repeat(FaultKind.KillWorker, 8),
        .. Enumerable.Repeat(FaultKind.KillTwice, 3),
        .. Enum.GetValues<FaultKind>().Where(kind => kind is not (FaultKind.KillWorker or FaultKind.KillTwice)),
    ];

    /// <summary>Those that are possible where the engine is no process.</summary>
    public static IReadOnlyList<FaultKind> WithoutProcess { get; } =
        [.. All.Where(kind => kind is not (FaultKind.KillEngine or FaultKind.StopEngine))];

    public FaultKind NextKind() => kinds[_random.Next(kinds.Count)];

    public TimeSpan NextPause() => Milliseconds(LongestPause);

    /// <summary>A random time below a limit.</summary>
    public TimeSpan Milliseconds(int limit) => TimeSpan.FromMilliseconds(_random.Next(limit));
}
