using System.Globalization;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Marked;

/// <summary>Which files the kernel lets pass unasked: what the daemon's groups say (proc_pid_fdinfo(5)).</summary>
internal static class PassingFiles
{
    private const string Passing = " ignored_mask:50000";

    private static readonly TimeSpan _prompt = TimeSpan.FromSeconds(5);

    public static async Task<bool> HasAsync(ScannerProcess scanner, string path)
    {
        CommandResult status = await ChildProcess.RunAsync("stat", "-c", "%i", path);
        Assert.True(status.ExitCode == 0, status.Error);
        long inode = long.Parse(status.Output, CultureInfo.InvariantCulture);
        string file = string.Create(
            CultureInfo.InvariantCulture, $"fanotify ino:{inode:x} sdev:{MountTable.DeviceOf(path):x} ");
        return Directory.EnumerateFiles($"/proc/{scanner.SupervisorId}/fdinfo")
            .SelectMany(ReadLines)
            .Any(line => line.StartsWith(file, StringComparison.Ordinal) && line.Contains(Passing));
    }

    /// <summary>Asserts that a file passes unasked, a moment after it was scanned at the latest.</summary>
    public static async Task AssertHasAsync(ScannerProcess scanner, string path) =>
        Assert.True(
            await Poll.UntilAsync(_prompt, () => HasAsync(scanner, path)), $"{path} does not pass unasked\n{scanner}");

    /// <summary>Asserts that a file is asked about, a moment after something has happened to it at the latest.</summary>
    public static async Task AssertHasNotAsync(ScannerProcess scanner, string path) =>
        Assert.True(
            await Poll.UntilAsync(_prompt, async () => !await HasAsync(scanner, path)),
            $"{path} passes unasked\n{scanner}");

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return [];
        }
    }
}
