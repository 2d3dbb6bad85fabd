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
