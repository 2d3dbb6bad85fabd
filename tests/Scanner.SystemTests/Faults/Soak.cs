using System.Globalization;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Faults;

/// <summary>
/// Further runs of the fault driver, on request only: SCANNER_SOAK says for how many minutes, SCANNER_SOAK_SEED from
/// which seed on.
/// </summary>
public static class Soak
{
    private const int Deaths = 30;

    /// <summary>Of one run; with strict and available each has two.</summary>
    private const double Minutes = 0.75;

    private static readonly FileSystemKind[] s_kinds =
        [FileSystemKind.Ext4, FileSystemKind.Xfs, FileSystemKind.Btrfs, FileSystemKind.Tmpfs];

    public static TheoryData<FileSystemKind, bool, int, int> Runs()
    {
        TheoryData<FileSystemKind, bool, int, int> runs = [];
        string? minutes = Environment.GetEnvironmentVariable("SCANNER_SOAK");
        string? wanted = Environment.GetEnvironmentVariable("SCANNER_SOAK_SEED");
        double count = minutes is null ? 0 : double.Parse(minutes, CultureInfo.InvariantCulture) / (2 * Minutes);
        int seed = wanted is null ? Environment.ProcessId : int.Parse(wanted, CultureInfo.InvariantCulture);
        for (int run = 0; run < count; run++)
        {
            runs.Add(s_kinds[run / 2 % s_kinds.Length], run % 2 == 0, Deaths, seed + run);
        }

        return runs;
    }
}
