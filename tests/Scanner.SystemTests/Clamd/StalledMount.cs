using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Clamd;

/// <summary>A FUSE file system of some user whose server never answers one kind of question.</summary>
internal sealed class StalledMount : IAsyncDisposable
{
    private readonly ChildProcess _server;

    private StalledMount(string path, ChildProcess server)
    {
        Path = path;
        _server = server;
    }

    public string Path { get; }

    /// <param name="directory">An empty directory; the mount goes with it at the latest.</param>
    /// <param name="user">Who serves it, and owns its files.</param>
    /// <param name="call">
    /// <c>look</c>, <c>open</c>, <c>read</c> or <c>close</c>; or <c>later</c> and a file that is read in the end; or
    /// <c>disk</c> and an image that every name is.
    /// </param>
    public static async Task<StalledMount> MountAsync(string directory, string user, params string[] call)
    {
        Requirement.Root();
        Requirement.Met(File.Exists("/dev/fuse"), "needs /dev/fuse");
        ChildProcess server = ChildProcess.Start(
            TimeSpan.FromMinutes(3), null, NativeProgram.At("stall_fuse"), [directory, user, .. call]);
        Assert.Equal("ready", await server.ReadLineAsync());
        return new StalledMount(directory, server);
    }

    /// <summary>Has the server of an image answer nothing any more, or go on.</summary>
    public void Toggle() => Signals.User1(_server.Id);

    public async ValueTask DisposeAsync()
    {
        // Its end ends every wait for it; only then can nothing hold the mount any more.
        _server.Dispose();
        await MountTable.ClearAsync(Path);
    }
}
