using Scanner.Linux;

namespace Scanner.Core.Listening;

/// <summary>Wakes the thread of the mounts when a group is to be replaced, and counts what it has replaced.</summary>
internal sealed class Replacements : IDisposable
{
    private readonly long[] _done = new long[Enum.GetValues<ReplacementReason>().Length];

    /// <summary>Raised by whoever asks for a replacement.</summary>
    public EventCounter Requested { get; } = EventCounter.CreateFlag();

    /// <summary>Groups replaced for a reason.</summary>
    public long this[ReplacementReason reason] => Interlocked.Read(ref _done[(int)reason]);

    public void Count(ReplacementReason reason) => Interlocked.Increment(ref _done[(int)reason]);

    public void Dispose() => Requested.Dispose();
}
