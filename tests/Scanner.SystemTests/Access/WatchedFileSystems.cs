using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Access;

/// <summary>One watched file system of each kind, started at first use and shared by a class's tests.</summary>
public sealed class WatchedFileSystems : IAsyncDisposable
{
    private readonly Dictionary<FileSystemKind, WatchedFileSystem> _started = [];

    internal async Task<WatchedFileSystem> GetAsync(FileSystemKind kind)
    {
        if (!_started.TryGetValue(kind, out WatchedFileSystem? watched))
        {
            watched = await WatchedFileSystem.StartAsync(kind);
            _started.Add(kind, watched);
        }

        return watched;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WatchedFileSystem watched in _started.Values)
        {
            await watched.DisposeAsync();
        }
    }
}
