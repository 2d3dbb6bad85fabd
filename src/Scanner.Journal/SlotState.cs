namespace Scanner.Journal;

/// <summary>How far one event has come. The numbers are part of the journal's layout.</summary>
/// <remarks>
/// <code>
/// Free -> Reading -> Read -> Identified -> Answering -> Answered -> Free
///                     |_________________________^
/// </code>
/// Only the reader that owns a slot moves it up to <see cref="Read"/>. From <see cref="Read"/> and
/// <see cref="Identified"/> on, worker and supervisor race for it: whoever moves it to <see cref="Answering"/> by
/// compare-and-swap writes the answer, and nobody else.
/// </remarks>
public enum SlotState : byte
{
    /// <summary>Nobody's.</summary>
    Free = 0,

    /// <summary>A reader may be inside read(2); a complete event in the slot means that it has returned.</summary>
    Reading = 1,

    /// <summary>There is an event, and nothing is known of its file but the descriptor.</summary>
    Read = 2,

    /// <summary>The file handle is in the slot: a new worker can find the file again.</summary>
    Identified = 3,

    /// <summary>Claimed. With <see cref="Slot.Access"/> set, the answer may have been written.</summary>
    Answering = 4,

    /// <summary>The answer is written. What is left is to record it and to close the descriptor.</summary>
    Answered = 5,
}
