using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Leased;

/// <summary>On which files a daemon keeps leases, told by what its supervisor has open.</summary>
internal static class KeptLeases
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    /// <summary>The watched files that are open in the supervisor.</summary>
    public static IReadOnlyList<string> In(ScannerProcess scanner, string directory) =>
        [.. ProcessTable.OpenFilesOf(scanner.SupervisorId)
            .Where(file => file.StartsWith(directory + "/", StringComparison.Ordinal))];

    public static async Task AssertAsync(ScannerProcess scanner, string directory, int count)
    {
        bool reached = await Poll.UntilAsync(_limit, () => In(scanner, directory).Count == count);
        Assert.True(reached, $"{In(scanner, directory).Count} leases are kept, not {count}");
    }

    public static async Task AssertOnAsync(ScannerProcess scanner, string file) => Assert.True(
        await Poll.UntilAsync(_limit, () => ProcessTable.OpenFilesOf(scanner.SupervisorId).Contains(file)),
        $"no lease is kept on {file}:\n{ProcessTable.DescribeDescriptors(scanner.SupervisorId)}");
}
