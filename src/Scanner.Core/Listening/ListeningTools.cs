using Scanner.Core.Deciding;
using Scanner.Core.Policy;
using Scanner.Core.Scanning;
using Scanner.Journal;

namespace Scanner.Core.Listening;

/// <summary>What all groups and their readers share.</summary>
internal sealed record ListeningTools(
    EventJournal Journal,
    WatchOptions Options,
    Gate Gate,
    SlotPool Pool,
    WaitingEvents Waiting,
    DelayedReplies Delayed,
    HostMounts Host,
    PrivateMounts Own,
    ListeningCounters Counters,
    FaultPlan Faults,
    ScanScheduler Scheduler,
    AfterWrite Written,
    LeaseOffers Leases,
    KernelMarks Marks,
    Replacements Replacements);
