namespace Scanner.Daemon.Tests.Dependencies;

/// <summary>The sources that this test was built from.</summary>
internal static class SourceTree
{
    private static readonly Lazy<string> s_root = new(FindRoot);

    /// <summary>Every project below src.</summary>
    public static IReadOnlyList<string> Projects() =>
        [.. Directory.EnumerateFiles(Path.Combine(s_root.Value, "src"), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)];

    /// <summary>A project's own sources, not what the compiler generated.</summary>
    public static IEnumerable<string> SourcesOf(string project)
    {
        string directory = Path.GetDirectoryName(project)!;
        return Directory.EnumerateFiles(directory, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(directory, file).Split('/')[0] is not ("bin" or "obj"));
    }

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Scanner.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException("No Scanner.sln above the test's program.");
    }
}
