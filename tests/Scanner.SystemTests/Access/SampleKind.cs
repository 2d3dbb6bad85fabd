namespace Scanner.SystemTests.Access;

/// <summary>What a sample file is good for.</summary>
internal enum SampleKind
{
    Text,
    Script,
    Executable,
    Library,
}
