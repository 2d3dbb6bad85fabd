using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Access;

/// <summary>A new file system that one daemon watches as a whole.</summary>
internal sealed class WatchedFileSystem : IAsyncDisposable
{
    private WatchedFileSystem(LoopMount mount) => Mount = mount;

    public LoopMount Mount { get; }

    public ScannerProcess Scanner { get; private set; } = null!;

    /// <summary>An empty directory that is not watched.</summary>
    public string Place => Mount.Work.In("place");

    public static async Task<WatchedFileSystem> StartAsync(FileSystemKind kind, params string[] options)
    {
        WatchedFileSystem watched = await PrepareAsync(kind);
        await watched.StartScannerAsync([], options);
        return watched;
    }

    /// <summary>The file system without a daemon, for tests that have something to do before its start.</summary>
    public static async Task<WatchedFileSystem> PrepareAsync(FileSystemKind kind)
    {
        Requirement.Daemon();
        WatchedFileSystem watched = new(await LoopMount.CreateAsync(kind));
        watched.Mount.Work.Subdirectory("place");
        return watched;
    }

    /// <summary>Starts a daemon with the built-in engine, which knows the infected samples.</summary>
    public Task StartScannerAsync(string[] prefix, params string[] options) =>
        StartScannerAsync(prefix, $"signatures:{Samples.WriteSignatures(Mount.Work.In("signatures"))}", options);

    public async Task StartScannerAsync(string[] prefix, string engine, string[] options)
    {
        try
        {
            string state = Mount.Work.Subdirectory("state");
            Scanner = await ScannerProcess.StartBehindAsync(
                prefix, [Mount.Path, "--engine", engine, "--state", state, "--json", .. options]);
        }
        catch
        {
            await Mount.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Scanner is not null)
        {
            await Scanner.DisposeAsync();
        }

        await Mount.DisposeAsync();
    }
}
