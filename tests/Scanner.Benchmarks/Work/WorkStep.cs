namespace Scanner.Benchmarks.Work;

/// <summary>A command that is timed.</summary>
/// <param name="Deed">What it does.</param>
/// <param name="Command">The program and its arguments.</param>
internal sealed record WorkStep(string Deed, IReadOnlyList<string> Command)
{
    /// <summary>How often it is timed; the median counts.</summary>
    public int Times { get; init; } = 1;

    /// <summary>What is run before it each time, and not timed.</summary>
    public IReadOnlyList<string>? Before { get; init; }

    /// <summary>Files that the kernel passes unasked when it begins; <c>null</c> where that was not counted.</summary>
    public int? Unasked { get; init; }
}
