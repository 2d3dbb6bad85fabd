namespace Scanner.Journal;

/// <summary>What the supervisor counts of kept leases. The numbers are part of the journal's layout.</summary>
public enum LeaseCounter
{
    /// <summary>Leases that were taken over to be kept.</summary>
    Taken = 0,

    /// <summary>Leases that were offered and not kept: broken on the way, a file's second one, a file just written.</summary>
    Refused = 1,

    /// <summary>Leases given up because somebody wanted to write.</summary>
    Broken = 2,

    /// <summary>How long all of these took from the news of the writer to letting it go on, nanoseconds.</summary>
    BreakNanoseconds = 3,

    /// <summary>The longest of these.</summary>
    LongestBreakNanoseconds = 4,

    /// <summary>Leases given up because their time was over.</summary>
    Expired = 5,

    /// <summary>Leases given up because their group was closed.</summary>
    GroupClosed = 6,

    /// <summary>Looks at every lease because the kernel could not say which one was being broken.</summary>
    Sweeps = 7,
}
