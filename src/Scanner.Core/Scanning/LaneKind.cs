namespace Scanner.Core.Scanning;

/// <summary>What goes first, as a rule: see <see cref="ScanQueue"/>.</summary>
internal enum LaneKind
{
    /// <summary>A program is about to run.</summary>
    Exec,

    /// <summary>Somebody opens a file.</summary>
    Open,

    /// <summary>Files that were written, before anybody opens them.</summary>
    Background,
}
