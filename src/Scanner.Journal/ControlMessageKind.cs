namespace Scanner.Journal;

/// <summary>
/// The kinds of <see cref="ControlMessage"/>. The worker asks; the supervisor answers every message with one.
/// </summary>
public enum ControlMessageKind
{
    None = 0,

    /// <summary>Open a group; the answer carries its descriptor and index.</summary>
    OpenGroup = 1,

    /// <summary>Close a group that has no marks and no events left.</summary>
    CloseGroup = 2,

    /// <summary>The answer when it was done.</summary>
    Done = 3,

    /// <summary>The answer when it could not be done: no index is free, or the kernel refused.</summary>
    Refused = 4,

    /// <summary>
    /// As <see cref="OpenGroup"/>, for a group that takes the place of another: it gets what is kept for that when there
    /// is no room for more.
    /// </summary>
    ReplaceGroup = 5,
}
