using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>A file system of the benchmark's own below a temporary directory: an image, or a tmpfs.</summary>
/// <remarks>
/// It is filled before anything is marked. From then on only child processes open its files: this process would wait
/// for an answer like any other, and hang where the answer does not come.
/// </remarks>
internal sealed class ScratchMount : IAsyncDisposable
{
    /// <summary>The C responder marks only a file system that holds this file.</summary>
    private const string ScratchProof = ".scratch-file-system";

    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(2);

    private readonly string _image;
    private readonly string _layers;
    private readonly Stack<string> _mounted = [];

    private ScratchMount(ScratchKind kind, string directory)
    {
        Kind = kind;
        Directory = directory;
        _image = Path.Combine(directory, "image");
        _layers = Path.Combine(directory, "layers");
        MountPoint = Path.Combine(directory, "mount");
    }

    public ScratchKind Kind { get; }

    /// <summary>The temporary directory around image and mount point; it is not watched.</summary>
    public string Directory { get; }

    public string MountPoint { get; }

    /// <summary>The directory to watch: not the root of the file system, so that there is an outside.</summary>
    public string WatchedDirectory => Path.Combine(MountPoint, "watched");

    /// <param name="kind">Which file system.</param>
    /// <param name="size">Of the image, in bytes; it is sparse. mkfs.xfs wants 300 MB at least.</param>
    /// <param name="cancellation">Ends the making.</param>
    /// <param name="format">More arguments for mkfs.</param>
    /// <exception cref="BenchmarkException">It cannot be made or mounted here.</exception>
    public static async Task<ScratchMount> CreateAsync(
        ScratchKind kind, long size, CancellationToken cancellation, params IReadOnlyList<string> format)
    {
        ScratchMount mount = new(kind, System.IO.Directory.CreateTempSubdirectory("scanner-bench-").FullName);
        try
        {
            await mount.MountAsync(size, format, cancellation);
            await File.WriteAllBytesAsync(Path.Combine(mount.MountPoint, ScratchProof), [], cancellation);
            System.IO.Directory.CreateDirectory(mount.WatchedDirectory);
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (; _mounted.TryPeek(out string? place); _mounted.Pop())
        {
            await UnmountAsync(place);
        }

        // Never recursively: if the unmount failed, that would walk a file system that may still be marked.
        File.Delete(_image);
        foreach (string directory in (string[])[MountPoint, _layers, Directory])
        {
            if (System.IO.Directory.Exists(directory))
            {
                System.IO.Directory.Delete(directory, recursive: false);
            }
        }
    }

    private async Task MountAsync(long size, IReadOnlyList<string> format, CancellationToken cancellation)
    {
        System.IO.Directory.CreateDirectory(MountPoint);
        switch (Kind)
        {
            case ScratchKind.Tmpfs:
                await MountAsync(["-t", "tmpfs", "-o", $"size={size},mode=755", "scanner-bench"], MountPoint);
                break;
            case ScratchKind.Overlay:
                System.IO.Directory.CreateDirectory(_layers);
                await FormatAsync("ext4", size, format, cancellation);
                await MountAsync(["-t", "ext4", "-o", "loop", _image], _layers);
                await MountAsync(["-t", "overlay", "-o", Layers(), "overlay"], MountPoint);
                break;
            default:
                string type = Kind.ToString().ToLowerInvariant();
                await FormatAsync(type, size, format, cancellation);
                await MountAsync(["-t", type, "-o", "loop", _image], MountPoint);
                break;
        }
    }

    private async Task FormatAsync(
        string type, long size, IReadOnlyList<string> format, CancellationToken cancellation)
    {
        await using (FileStream image = File.Create(_image))
        {
            image.SetLength(size);
        }

        // Everything is initialized now, so that no kernel thread does it during the measurement.
        string[] now = type == "ext4" ? ["-E", "lazy_itable_init=0,lazy_journal_init=0"] : [];
        await Command.RunAsync([$"mkfs.{type}", "-q", .. now, .. format, _image], ToolLimit, cancellation);
    }

    // Not to be cancelled half way: whether it is mounted must be known.
    private async Task MountAsync(IReadOnlyList<string> arguments, string place)
    {
        await Command.RunAsync(["mount", .. arguments, place], ToolLimit, CancellationToken.None);
        _mounted.Push(place);
    }

    private string Layers()
    {
        string[] directories = [.. ((string[])["lower", "upper", "work"]).Select(name => Path.Combine(_layers, name))];
        foreach (string directory in directories)
        {
            System.IO.Directory.CreateDirectory(directory);
        }

        return $"lowerdir={directories[0]},upperdir={directories[1]},workdir={directories[2]}";
    }

    private static async Task UnmountAsync(string place)
    {
        const int Attempts = 5;
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                await Command.RunAsync(["umount", place], ToolLimit, CancellationToken.None);
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
                await Command.RunAsync(["umount", "--lazy", place], ToolLimit, CancellationToken.None);
            }
        }
    }
}
