namespace Scanner.Testing;

/// <summary>The C programs below tests/native, built when first asked for.</summary>
public static class NativeProgram
{
    private static readonly Lazy<string> Folder = new(Build);

    /// <summary>The path of tests/native/build/NAME.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Folder.Value, "build", name);

    private static string Build()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(System.IO.Path.Combine(directory.FullName, "Scanner.sln")))
        {
            directory = directory.Parent;
        }

        string folder = System.IO.Path.Combine(
            directory?.FullName ?? throw new InvalidOperationException("No Scanner.sln above the test's program."),
            "tests",
            "native");
        if (!File.Exists("/usr/bin/gcc") || !File.Exists("/usr/bin/make"))
        {
            Requires.Lacking("needs gcc and make for the programs in tests/native");
        }

        // Test projects run at the same time; the lock keeps one from executing what the other still links.
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "build"));
        Tool.Run("flock", System.IO.Path.Combine(folder, "build"), "make", "-s", "-C", folder);
        return folder;
    }
}
