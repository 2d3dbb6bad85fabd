using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Clamd;

/// <summary>A file system on a disk that goes away and comes back: a loop device on a file of a server.</summary>
internal sealed class StalledDisk : IAsyncDisposable
{
    private const long Size = 64 << 20;

    private static readonly TimeSpan _freed = TimeSpan.FromSeconds(10);

    private readonly WorkDirectory _work;
    private readonly StalledMount _server;
    private bool _isAway;

    private StalledDisk(WorkDirectory work, StalledMount server)
    {
        _work = work;
        _server = server;
        Path = work.Subdirectory("mnt");
    }

    public string Path { get; }

    public static async Task<StalledDisk> CreateAsync()
    {
        WorkDirectory work = new();
        string image = work.In("image");
        await using (FileStream file = File.Create(image))
        {
            file.SetLength(Size);
        }

        await ChildProcess.MustAsync("mkfs.ext4", "-q", image);
        StalledDisk disk = new(work, await StalledMount.MountAsync(work.Subdirectory("served"), "0", "disk", image));
        try
        {
            string device = System.IO.Path.Combine(disk._server.Path, "disk");
            await ChildProcess.MustAsync("mount", "-o", "loop", device, disk.Path);
            return disk;
        }
        catch
        {
            await disk.DisposeAsync();
            throw;
        }
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>From here on nothing is read from it or written to it; whoever wants to, hangs in the kernel.</summary>
    public void GoAway()
    {
        _server.Toggle();
        _isAway = true;
    }

    public void ComeBack()
    {
        _server.Toggle();
        _isAway = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isAway)
        {
            ComeBack();
        }

        await Poll.UntilAsync(_freed, async () =>
        {
            await MountTable.ClearAsync(Path);
            return MountTable.AtOrBelow(Path).Count == 0;
        });
        await _server.DisposeAsync();
        await _work.DisposeAsync();
    }
}
