namespace Scanner.Core.Scanning;

/// <summary>What goes first. A lane is served only when those before it have nothing that may start.</summary>
internal enum LaneKind
{
    /// <summary>A program is about to run.</summary>
    Exec,

    /// <summary>Somebody opens a file.</summary>
    Open,

    /// <summary>Files that were written, before anybody opens them.</summary>
    Background,
}
