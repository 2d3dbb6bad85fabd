using Scanner.Core.Caching;
using Scanner.Core.Policy;

namespace Scanner.Core.Listening;

/// <summary>What the marks of all groups share; see <see cref="GroupMarks"/>.</summary>
internal sealed class KernelMarks(WatchOptions options, KnownVerdicts verdicts) : IDisposable
{
    private readonly long[] _counts = new long[Enum.GetValues<MarkCounter>().Length];

    /// <summary>Whether marks are set at all. Opens that pass unasked could not be recorded.</summary>
    public bool IsOn { get; } = options is { KernelMarks: true, Verbose: false, Cache: not CacheKind.None };

    /// <summary>Knows which versions are clean.</summary>
    public KnownVerdicts Verdicts => verdicts;

    /// <summary>Hears of changed owners and modes.</summary>
    public NoticeThread Notices { get; } = new("marks");

    public long this[MarkCounter counter] => Interlocked.Read(ref _counts[(int)counter]);

    public void Count(MarkCounter counter) => Interlocked.Increment(ref _counts[(int)counter]);

    public void Dispose() => Notices.Dispose();
}
