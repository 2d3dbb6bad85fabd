using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>A file system of the benchmark's own: an ext4 image, loop-mounted below a temporary directory.</summary>
/// <remarks>
/// It is filled before anything is marked. From then on only child processes open its files: this process would wait
/// for an answer like any other, and hang where the answer does not come.
/// </remarks>
internal sealed class BenchImage : IAsyncDisposable
{
    private const int FilesOfAKind = 64;
    private const int SmallFileSize = 4096;
    private const long ImageSize = 64L << 20;

    /// <summary>The C responder marks only a file system that holds this file.</summary>
    private const string ScratchProof = ".scratch-file-system";

    private static readonly TimeSpan ToolLimit = TimeSpan.FromSeconds(30);

    private readonly string _image;
    private bool _mounted;

    private BenchImage(string directory)
    {
        Directory = directory;
        _image = Path.Combine(directory, "ext4.img");
        MountPoint = Path.Combine(directory, "mount");
    }

    /// <summary>The temporary directory around image and mount point; it is not watched.</summary>
    public string Directory { get; }

    public string MountPoint { get; }

    /// <summary>The directory to watch: not the root of the file system, so that there is an outside.</summary>
    public string WatchedDirectory => Path.Combine(MountPoint, "watched");

    public static async Task<BenchImage> CreateAsync(CancellationToken cancellation)
    {
        BenchImage image = new(System.IO.Directory.CreateTempSubdirectory("scanner-bench-").FullName);
        try
        {
            await image.MountAsync(cancellation);
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

    public async ValueTask DisposeAsync()
    {
        if (_mounted)
        {
            await UnmountAsync();
            _mounted = false;
        }

        // Never recursively: if the unmount failed, that would walk a file system that may still be marked.
        File.Delete(_image);
        foreach (string directory in (string[])[MountPoint, Directory])
        {
            if (System.IO.Directory.Exists(directory))
            {
                System.IO.Directory.Delete(directory, recursive: false);
            }
        }
    }

    private async Task MountAsync(CancellationToken cancellation)
    {
        await using (FileStream image = File.Create(_image))
        {
            image.SetLength(ImageSize);
        }

        System.IO.Directory.CreateDirectory(MountPoint);

        // Everything is initialized now, so that no kernel thread does it during the measurement.
        await Command.RunAsync(
            ["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", _image], ToolLimit, cancellation);

        // Not to be cancelled half way: whether it is mounted must be known.
        await Command.RunAsync(["mount", "-o", "loop", _image, MountPoint], ToolLimit, CancellationToken.None);
        _mounted = true;
    }

    private void Fill()
    {
        File.WriteAllBytes(Path.Combine(MountPoint, ScratchProof), []);
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

    private async Task UnmountAsync()
    {
        const int Attempts = 5;
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                await Command.RunAsync(["umount", MountPoint], ToolLimit, CancellationToken.None);
                return;
            }
            catch (BenchmarkException) when (attempt < Attempts)
            {
                // A killed process lets go of its files a moment after it is gone.
                await Task.Delay(TimeSpan.FromMilliseconds(300));
            }
            catch (BenchmarkException error)
            {
                await Console.Error.WriteLineAsync($"{error.Message}; detaching it instead");
                await Command.RunAsync(["umount", "--lazy", MountPoint], ToolLimit, CancellationToken.None);
            }
        }
    }
}
