using System.Diagnostics;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Openers;

/// <summary>The compiled programs of tests/native; brought up to date at first use.</summary>
internal static class NativeProgram
{
    private static readonly Lazy<string> _directory = new(Build, LazyThreadSafetyMode.ExecutionAndPublication);

    public static string Opener => Path.Combine(_directory.Value, "opener");

    public static string Sample => Path.Combine(_directory.Value, "sample");

    public static string SampleLibrary => Path.Combine(_directory.Value, "libsample.so");

    /// <summary>The path of another of these programs.</summary>
    public static string At(string name) => Path.Combine(_directory.Value, name);

    private static string Build()
    {
        string source = Path.Combine(Repository.Root, "tests", "native");
        string directory = Path.Combine(source, "build");
        Requirement.Tool("make");
        using Process make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", source]))!;
        Assert.True(make.WaitForExit(TimeSpan.FromMinutes(2)) && make.ExitCode == 0, "tests/native does not build");
        return directory;
    }
}
