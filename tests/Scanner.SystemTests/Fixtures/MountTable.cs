using System.Globalization;

namespace Scanner.SystemTests.Fixtures;

/// <summary>The mounts of the test host's own namespace.</summary>
internal static class MountTable
{
    /// <summary>Mount points at or below a directory, the one mounted last first.</summary>
    public static IReadOnlyList<string> AtOrBelow(string directory) =>
        [.. File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' ')[4])
            .Where(point => point == directory || point.StartsWith(directory + "/", StringComparison.Ordinal))
            .Reverse()];

    /// <summary>The device number of the file system that holds a path, as the kernel prints it in one number.</summary>
    public static long DeviceOf(string path)
    {
        string[] mount = File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' '))
            .Where(fields => path.StartsWith(fields[4].TrimEnd('/') + "/", StringComparison.Ordinal))
            .MaxBy(fields => fields[4].Length)!;
        string[] device = mount[2].Split(':');
        return (long.Parse(device[0], CultureInfo.InvariantCulture) << 20)
            | long.Parse(device[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Unmounts everything at or below a directory, lazily where something still holds it.</summary>
    public static async Task ClearAsync(string directory)
    {
        foreach (string point in AtOrBelow(directory))
        {
            CommandResult result = await ChildProcess.RunAsync("umount", point);
            if (result.ExitCode != 0)
            {
                await ChildProcess.RunAsync("umount", "--lazy", point);
            }
        }
    }
}
