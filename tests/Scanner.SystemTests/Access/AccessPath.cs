namespace Scanner.SystemTests.Access;

/// <summary>One way to a file's content.</summary>
/// <param name="Arguments">The native opener's command for it.</param>
internal sealed record AccessPath(Func<AccessCase, string[]> Arguments)
{
    public SampleKind Sample { get; init; }

    /// <summary>The sample's name; need not be valid UTF-8.</summary>
    public byte[] Name { get; init; } = "sample"u8.ToArray();

    /// <summary>A command that makes the sample, where writing it under its name is not what is tested.</summary>
    public Func<AccessCase, string[]>? Prepare { get; init; }

    /// <summary>True if the command itself makes the file.</summary>
    public bool MakesFile { get; init; }
}
