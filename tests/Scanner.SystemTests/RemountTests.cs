using Scanner.SystemTests.Access;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests;

/// <summary>
/// A watched directory whose file system comes back, and device numbers that are given away meanwhile.
/// </summary>
public sealed class RemountTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _protected = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _freed = TimeSpan.FromSeconds(3);

    [Theory(Timeout = 90_000)]
    [InlineData(FileSystemKind.Ext4)]
    [InlineData(FileSystemKind.Tmpfs)]
    public async Task GivenAWatchedSubdirectory_WhenItsFileSystemIsMountedAgain_ThenItIsProtectedAgainAndNoOtherIs(
        FileSystemKind kind)
    {
        await using LoopMount mount = await LoopMount.CreateAsync(kind);
        await using LoopMount other = await LoopMount.CreateAsync(kind);
        await LoopMount.DetachAsync(other.Path);
        mount.Subdirectory("in");
        string infected = await mount.WriteAsync("in/infected", Samples.Eicar);
        await using ScannerProcess scanner = await StartAsync(mount);
        Assert.Equal(OpenerResult.Denied, (await Opener.RunAsync("open", infected)).Line);
        string device = await DeviceOfAsync(mount.Path);

        CommandResult umount = await LoopMount.DetachAsync(mount.Path);
        umount.AssertSucceeded();
        bool isTaken = await TakeDeviceAsync(other, device);
        await mount.AttachAsync(mount.Path);
        await PutInAsync(mount, "infected");
        await PutInAsync(other, "infected-elsewhere");

        output.WriteLine($"{device} was given to the other file system: {isTaken}");
        bool denied = await Poll.UntilAsync(
            _protected, async () => (await Opener.RunAsync("open", infected)).Line == OpenerResult.Denied);
        Assert.True(denied, $"the file system that came back is not protected:\n{scanner}");
        Assert.Equal(
            OpenerResult.Content(Samples.Eicar),
            (await Opener.RunAsync("open", other.In("in/infected-elsewhere"))).Line);
        Assert.DoesNotContain(scanner.Output.Lines, line => line.Contains("infected-elsewhere"));
    }

    private static async Task<ScannerProcess> StartAsync(LoopMount mount) =>
        await ScannerProcess.StartAsync(
            mount.In("in"), "--profile", "strict", "--deadline", "5s", "--json",
            "--state", mount.Work.Subdirectory("state"));

    /// <summary>
    /// Mounts a file system under a number that is free as soon as the last clone of its owner is gone.
    /// </summary>
    /// <returns>False if somebody else was given the number.</returns>
    private static async Task<bool> TakeDeviceAsync(LoopMount mount, string device)
    {
        bool isTaken = await Poll.UntilAsync(_freed, async () =>
        {
            await LoopMount.DetachAsync(mount.Path);
            await mount.AttachAsync(mount.Path);
            return await DeviceOfAsync(mount.Path) == device;
        });
        return isTaken;
    }

    private static async Task<string> DeviceOfAsync(string path)
    {
        // Asks for no permission: nothing is opened.
        CommandResult result = await ChildProcess.RunAsync("stat", "-c", "%Hd:%Ld", path);
        result.AssertSucceeded();
        return result.Output.Trim();
    }

    /// <summary>A tmpfs comes back empty.</summary>
    private static async Task PutInAsync(LoopMount mount, string name)
    {
        string path = Path.Combine(mount.Subdirectory("in"), name);
        if (!File.Exists(path))
        {
            await Opener.PutAsync(path, Samples.Eicar);
        }
    }
}
