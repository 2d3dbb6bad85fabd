namespace Scanner.Benchmarks;

/// <summary>An ext4 file system with files to open.</summary>
internal sealed class BenchImage : IAsyncDisposable
{
    private const int FilesOfAKind = 64;
    private const int SmallFileSize = 4096;
    private const long ImageSize = 64L << 20;

    private readonly ScratchMount _mount;

    private BenchImage(ScratchMount mount) => _mount = mount;

    /// <inheritdoc cref="ScratchMount.Directory"/>
    public string Directory => _mount.Directory;

    public string MountPoint => _mount.MountPoint;

    /// <inheritdoc cref="ScratchMount.WatchedDirectory"/>
    public string WatchedDirectory => _mount.WatchedDirectory;

    public static async Task<BenchImage> CreateAsync(CancellationToken cancellation)
    {
        BenchImage image = new(await ScratchMount.CreateAsync(ScratchKind.Ext4, ImageSize, cancellation));
        try
        {
            image.Fill();
            return image;
        }
        catch
        {
            await image.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<string> Files(FileKind kind) =>
        [.. Enumerable.Range(0, FilesOfAKind).Select(n => PathOf(kind, n))];

    public ValueTask DisposeAsync() => _mount.DisposeAsync();

    private void Fill()
    {
        byte[] content = new byte[SmallFileSize];
        Random random = new(Seed: 1);
        foreach (FileKind kind in Enum.GetValues<FileKind>())
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(PathOf(kind, 0))!);
            foreach (string path in Files(kind))
            {
                random.NextBytes(content);
                File.WriteAllBytes(path, kind == FileKind.Empty ? [] : content);
            }
        }
    }

    private string PathOf(FileKind kind, int number) => kind switch
    {
        FileKind.Small => Path.Combine(WatchedDirectory, $"small-{number}"),
        FileKind.Empty => Path.Combine(WatchedDirectory, $"empty-{number}"),
        FileKind.Outside => Path.Combine(MountPoint, "outside", $"small-{number}"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
