namespace Scanner.Journal;

/// <summary>Why an event could not be decided by a verdict: a closed list, each with an action of the policy.</summary>
/// <remarks>The numbers are part of the journal's layout: both processes and a restarted worker read them.</remarks>
public enum FailureReason : byte
{
    /// <summary>No failure.</summary>
    None = 0,

    /// <summary>The event's deadline came before a verdict.</summary>
    DeadlinePassed = 1,

    /// <summary>No engine could be reached.</summary>
    EngineUnavailable = 2,

    /// <summary>The engine answered with an error or with something that is no answer.</summary>
    EngineError = 3,

    /// <summary>The file is larger than the engine may look at.</summary>
    TooLarge = 4,

    /// <summary>The content could not be read.</summary>
    NotReadable = 5,

    /// <summary>No slot was free.</summary>
    QueueFull = 6,

    /// <summary>The worker died before it knew enough of the event to find its file again.</summary>
    Restarting = 7,

    /// <summary>Our own code threw.</summary>
    InternalError = 8,
}
