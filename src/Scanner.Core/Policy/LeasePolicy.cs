using Scanner.Journal;

namespace Scanner.Core.Policy;

/// <summary>Writes what the supervisor needs to know of kept leases into the journal.</summary>
public static class LeasePolicy
{
    public static void Write(ref JournalHeader header, WatchOptions options)
    {
        header.Leases.Limit = MayKeep(options) ? options.KeptLeases : 0;
        header.Leases.Time = (long)options.LeaseTime.TotalNanoseconds;
    }

    /// <summary>
    /// Strict is not to believe versions of files that users can write, and so has no verdict to keep a lease for; nor
    /// is there one without a cache. Opens that are to be recorded must be asked about.
    /// </summary>
    private static bool MayKeep(WatchOptions options) =>
        options is { KernelMarks: true, Verbose: false, Profile: not Profile.Strict, Cache: not CacheKind.None };
}
