namespace Scanner.Engines.Signatures;

/// <summary>A line of a signature list that was skipped, and why.</summary>
/// <param name="File">The list's path.</param>
/// <param name="Line">The line's number, from 1; 0 where the problem is the file itself.</param>
/// <param name="What">What is wrong, for people.</param>
public readonly record struct SignatureProblem(string File, long Line, string What)
{
    public override string ToString() => Line == 0 ? $"{File}: {What}" : $"{File}:{Line}: {What}";
}
