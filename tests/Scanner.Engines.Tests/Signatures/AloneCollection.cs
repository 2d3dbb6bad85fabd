namespace Scanner.Engines.Tests.Signatures;

/// <summary>Tests that measure the whole process and so run with no other test beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
