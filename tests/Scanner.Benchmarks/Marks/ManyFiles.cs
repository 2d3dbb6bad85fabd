using System.Globalization;

namespace Scanner.Benchmarks.Marks;

/// <summary>A great many files of one byte that only root can write.</summary>
/// <remarks>
/// All hold the same byte but those that the new signature list forbids: one that is opened with the others, and some
/// that nobody opens before the list is there.
/// </remarks>
internal sealed class ManyFiles(ScratchMount mount, int count)
{
    private const int FilesOfADirectory = 1_000;
    private const int FreshFiles = 4_000;
    private const int MostSamples = 4_000;
    private const byte Ordinary = (byte)'o';

    /// <summary>The byte that the new list forbids.</summary>
    public const byte Forbidden = (byte)'f';

    private string[]? _samples;

    public IReadOnlyList<string> All { get; } =
    [
        .. Enumerable.Range(0, count).Select(i => Path.Combine(
            mount.WatchedDirectory, Text(i / FilesOfADirectory), Text(i % FilesOfADirectory))),
    ];

    /// <summary>Some of them, from all over.</summary>
    public IReadOnlyList<string> Samples => _samples ??= Spread();

    /// <summary>Opened with the others, and forbidden by the new list.</summary>
    public string Known => Path.Combine(mount.WatchedDirectory, "known");

    /// <summary>Forbidden by the new list, and never opened before it is there.</summary>
    public IReadOnlyList<string> Fresh =>
        [.. Enumerable.Range(0, FreshFiles).Select(i => Path.Combine(mount.WatchedDirectory, "fresh", Text(i)))];

    /// <summary>The file system that they fit on.</summary>
    /// <remarks>The byte of a file lies in its inode: blocks would make gigabytes.</remarks>
    public static Task<ScratchMount> CreateMountAsync(int count, CancellationToken cancellation)
    {
        const int InodeSize = 256;
        const long BytesOfAName = 64;
        const long Rest = 128L << 20;
        int inodes = count + (count / FilesOfADirectory) + (2 * FreshFiles);
        return ScratchMount.CreateAsync(
            ScratchKind.Ext4,
            Rest + (inodes * (InodeSize + BytesOfAName)),
            cancellation,
            "-O", "inline_data", "-I", Text(InodeSize), "-N", Text(inodes));
    }

    /// <summary>Writes all of them. Nobody may be watching: this process would be asked about.</summary>
    public void Write(CancellationToken cancellation)
    {
        foreach (IGrouping<string?, string> directory in All.Concat(Fresh).GroupBy(Path.GetDirectoryName))
        {
            cancellation.ThrowIfCancellationRequested();
            Directory.CreateDirectory(directory.Key!);
            byte[] content = [Path.GetFileName(directory.Key) == "fresh" ? Forbidden : Ordinary];
            foreach (string file in directory)
            {
                File.WriteAllBytes(file, content);
            }
        }

        File.WriteAllBytes(Known, [Forbidden]);
    }

    private string[] Spread()
    {
        int step = Math.Max(1, count / MostSamples);
        return [.. All.Where((_, i) => i % step == 0).Take(MostSamples)];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
