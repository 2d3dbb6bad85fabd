namespace Scanner.SystemTests.Fixtures;

/// <summary>Where the things under test lie, as seen from the test's own output directory.</summary>
internal static class Repository
{
    private static readonly Lazy<string> _root = new(FindRoot);

    public static string Root => _root.Value;

    /// <summary>The daemon; SCANNERD names another one, for instance an installed package's.</summary>
    public static string Daemon =>
        Environment.GetEnvironmentVariable("SCANNERD")
        ?? Path.Combine(Root, "src", "Scanner.Daemon", "bin", "Release", "net10.0", "scannerd");

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Scanner.sln")))
            {
                return at.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Scanner.sln above {AppContext.BaseDirectory}");
    }
}
