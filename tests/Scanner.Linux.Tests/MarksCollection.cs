namespace Scanner.Linux.Tests;

/// <summary>
/// Tests that mount or mark run one after the other: they share the machine's mount table and its limits.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MarksCollection
{
    public const string Name = "marks";
}
