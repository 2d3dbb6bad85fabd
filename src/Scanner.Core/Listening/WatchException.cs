namespace Scanner.Core.Listening;

/// <summary>Something that was asked for cannot be watched. Each failure names what, and why.</summary>
public sealed class WatchException(IReadOnlyList<string> failures)
    : Exception("Cannot watch " + string.Join("; ", failures))
{
    public IReadOnlyList<string> Failures { get; } = failures;
}
