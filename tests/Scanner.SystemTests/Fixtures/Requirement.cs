namespace Scanner.SystemTests.Fixtures;

/// <summary>What a test needs of the machine. A lack is a visible skip, and a failure where CI=true.</summary>
internal static class Requirement
{
    public static void Root() => Met(Environment.IsPrivilegedProcess, "needs root: fanotify marks and mounts");

    public static void Daemon()
    {
        Root();
        Met(File.Exists(Repository.Daemon), $"{Repository.Daemon} is not built");
    }

    public static void Tool(string name)
    {
        string[] directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        Met(directories.Any(directory => File.Exists(Path.Combine(directory, name))), $"needs the tool {name}");
    }

    public static void Met(bool met, string lack)
    {
        if (met)
        {
            return;
        }

        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail($"Not skipped in CI: {lack}");
        }

        Assert.Skip(lack);
    }
}
