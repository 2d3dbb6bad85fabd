namespace Scanner.Core.Deciding;

/// <summary>What can be said of an event without looking into the file.</summary>
internal enum GateAnswer
{
    /// <summary>Nothing: the content decides.</summary>
    Scan,

    /// <summary>
    /// The content decides; but a denial holds only if the file has just been moved out of what is watched.
    /// </summary>
    ScanUnsure,

    /// <summary>The scanner's, or its engine's, own open.</summary>
    Own,

    /// <summary>A directory, device, FIFO or socket has no content to scan.</summary>
    NotRegular,

    /// <summary>A file without content.</summary>
    Empty,

    /// <summary>This version of the file is known to be clean, and nobody can be writing it.</summary>
    Known,

    /// <summary>
    /// Opened for writing only: what is there cannot be read through it. Not the gate's own answer; see
    /// <see cref="Scanning.WriteShortcut"/>.
    /// </summary>
    WriteOnly,

    /// <summary>Outside of what is watched.</summary>
    Outside,

    /// <summary>The kernel does not even tell what it is.</summary>
    Unreadable,
}
