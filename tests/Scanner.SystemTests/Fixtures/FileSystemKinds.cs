namespace Scanner.SystemTests.Fixtures;

/// <summary>Theory data: one run of a test for each file system.</summary>
public static class FileSystemKinds
{
    public static TheoryData<FileSystemKind> All() => [.. Enum.GetValues<FileSystemKind>()];
}
