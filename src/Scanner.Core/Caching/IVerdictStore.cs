using Scanner.Core.Scanning;

namespace Scanner.Core.Caching;

/// <summary>Keeps verdicts beyond the life of the process.</summary>
/// <remarks>
/// Only clean and infected verdicts are ever given to it, each with the epoch of the engine that gave it. Nothing here
/// throws: a store that cannot work knows nothing and keeps nothing. Look-ups come from any thread, at any time;
/// keeping and forgetting only leave word, which is written in batches soon after, and is dropped and counted when too
/// much of it waits.
/// </remarks>
public interface IVerdictStore : IDisposable
{
    /// <summary>What it has done so far.</summary>
    VerdictStoreCounters Counters { get; }

    /// <summary>Finds the verdict on a file version.</summary>
    /// <returns><c>false</c> if none is known, or one of another version or epoch.</returns>
    bool TryGet(in FileVersion version, string epoch, out Verdict verdict);

    /// <summary>Finds the verdict on a content.</summary>
    /// <returns><c>false</c> if none is known, or one of another epoch.</returns>
    bool TryGet(in ContentDigest content, string epoch, out Verdict verdict);

    /// <summary>Keeps a verdict on a file version, in place of any other on the same file.</summary>
    void Keep(in FileVersion version, string epoch, Verdict verdict);

    /// <summary>Keeps a verdict on a content, in place of one of another epoch.</summary>
    void Keep(in ContentDigest content, string epoch, Verdict verdict);

    /// <summary>Forgets the verdict on a file, whichever version it is about.</summary>
    void Forget(FileIdentity file);

    /// <summary>Waits until everything left so far is written, or cannot be.</summary>
    Task FlushAsync();
}
