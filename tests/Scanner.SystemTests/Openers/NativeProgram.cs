using System.Diagnostics;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Openers;

/// <summary>The compiled programs of tests/native; built once if nobody has done so before.</summary>
internal static class NativeProgram
{
    private static readonly Lazy<string> _directory = new(Build, LazyThreadSafetyMode.ExecutionAndPublication);

    public static string Opener => Path.Combine(_directory.Value, "opener");

    public static string Sample => Path.Combine(_directory.Value, "sample");

    public static string SampleLibrary => Path.Combine(_directory.Value, "libsample.so");

    private static string Build()
    {
        string source = Path.Combine(Repository.Root, "tests", "native");
        string directory = Path.Combine(source, "build");
        if (!File.Exists(Path.Combine(directory, "opener")))
        {
            Requirement.Tool("make");
            using Process make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", source]))!;
            Assert.True(make.WaitForExit(TimeSpan.FromMinutes(2)) && make.ExitCode == 0, "tests/native does not build");
        }

        return directory;
    }
}
