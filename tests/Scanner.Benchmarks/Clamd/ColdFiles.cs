using System.Globalization;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Clamd;

/// <summary>
/// Files of 4 KiB that nobody has opened since they were written, with content that nobody has seen before.
/// </summary>
/// <remarks>
/// Each call of <see cref="WriteAsync"/> makes new ones in the same place, as clamd remembers what it has scanned and
/// scannerd may. A child writes them, which may therefore happen while the directory is watched.
/// </remarks>
internal sealed class ColdFiles(BenchImage image, string writer)
{
    private const string Size = "4096";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Files lie directly in it: clamonacc watches a directory without what is below.</summary>
    public string Place => Path.Combine(image.WatchedDirectory, "cold");

    public string Infected => Path.Combine(Place, "infected");

    public async Task<IReadOnlyList<string>> WriteAsync(int count, CancellationToken cancellation)
    {
        await Command.RunAsync(["rm", "-rf", Place], Limit, cancellation);
        Directory.CreateDirectory(Place);
        string[] files =
        [
            .. Enumerable.Range(0, count).Select(i => Path.Combine(Place, i.ToString(CultureInfo.InvariantCulture))),
        ];
        string list = Path.Combine(image.Directory, "cold-list");
        try
        {
            await File.WriteAllLinesAsync(list, files.Select(file => $"c {file}"), cancellation);
            await Command.RunAsync([writer, "fill-list", list, Size], Limit, cancellation);
        }
        finally
        {
            File.Delete(list);
        }

        return files;
    }
}
