using Scanner.Core.Caching;
using Scanner.Linux;

namespace Scanner.Core.Listening;

/// <summary>Asks for groups to be replaced when what their marks rest on is gone, and counts those that were.</summary>
/// <remarks>
/// Whoever brings the news is on a thread that must not wait; the thread of the mounts does what is asked for.
/// </remarks>
internal sealed class Replacements
{
    private readonly long[] _done = new long[Enum.GetValues<ReplacementReason>().Length];
    private volatile WatchedGroup[] _groups = [];

    public Replacements(KnownVerdicts verdicts) => verdicts.NewSignatures += OnNewSignatures;

    /// <summary>Raised for the thread of the mounts. Not closed: somebody may be about to raise it.</summary>
    public EventCounter Requested { get; } = EventCounter.CreateFlag();

    /// <summary>Groups replaced for a reason.</summary>
    public long this[ReplacementReason reason] => Interlocked.Read(ref _done[(int)reason]);

    public void Count(ReplacementReason reason) => Interlocked.Increment(ref _done[(int)reason]);

    /// <summary>Says which groups are in force. To be called before a new one is read.</summary>
    public void Follow(IEnumerable<WatchedGroup> groups) => _groups = [.. groups];

    /// <summary>Somebody may write what lies below a file system.</summary>
    public void Distrust(BackingWatch watch)
    {
        foreach (WatchedGroup group in _groups)
        {
            if (group.Plan.Backing == watch)
            {
                group.RequestReplacement(ReplacementReason.VersionsDistrusted);
            }
        }
    }

    private void OnNewSignatures()
    {
        foreach (WatchedGroup group in _groups)
        {
            group.RequestReplacement(ReplacementReason.NewSignatures);
        }
    }
}
