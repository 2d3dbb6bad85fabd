namespace Scanner.Benchmarks;

/// <summary>One thing that is measured once per round.</summary>
internal readonly record struct Cell(Route Route, FileKind Files, int Openers, bool Pinned)
{
    /// <summary>The cell to compare with: same openers, same size of file, but answered by another.</summary>
    /// <remarks>Only scannerd knows a difference between inside and outside.</remarks>
    public Cell Baseline(Route route) =>
        this with { Route = route, Files = Files == FileKind.Outside ? FileKind.Small : Files };
}
