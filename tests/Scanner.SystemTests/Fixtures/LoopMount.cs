using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Fixtures;

/// <summary>A new file system of its own: an image in a work directory behind a loop device, or a tmpfs.</summary>
/// <remarks>
/// The only file systems that tests let anybody watch: a forgotten reply on a file system that the machine needs would
/// stop the machine. Files on it are written by child processes, as creating an empty file is an open that is asked
/// about as well.
/// </remarks>
internal sealed class LoopMount : IAsyncDisposable
{
    /// <summary>Sparse; the smallest that mkfs.xfs accepts is 300 MB.</summary>
    private const long ImageSize = 400L << 20;

    private static readonly TimeSpan _released = TimeSpan.FromSeconds(10);

    private LoopMount(WorkDirectory work, FileSystemKind kind)
    {
        Work = work;
        Kind = kind;
        Path = work.Subdirectory("mnt");
    }

    public WorkDirectory Work { get; }

    public FileSystemKind Kind { get; }

    public string Path { get; }

    public string Image => Work.In("image");

    public static async Task<LoopMount> CreateAsync(FileSystemKind kind)
    {
        Requirement.Root();
        LoopMount mount = new(new WorkDirectory(), kind);
        try
        {
            await mount.FormatAsync();
            await mount.AttachAsync(mount.Path);
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public string Subdirectory(string name) => Directory.CreateDirectory(In(name)).FullName;

    public async Task<string> WriteAsync(string name, byte[] content, string mode = "644")
    {
        string path = In(name);
        await Opener.PutAsync(path, content, mode);
        return path;
    }

    /// <summary>Mounts the file system, also a second time or somewhere else.</summary>
    public async Task AttachAsync(string point)
    {
        string[] arguments = Kind == FileSystemKind.Tmpfs
            ? ["-t", "tmpfs", "-o", "size=512m,mode=755", "scanner-tests", point]
            : ["-t", Type, "-o", "loop", Image, point];
        CommandResult result = await ChildProcess.RunAsync("mount", arguments);
        Requirement.Met(!result.Error.Contains("unknown filesystem type"), $"this kernel has no {Type}");
        result.AssertSucceeded();
    }

    public static async Task<CommandResult> DetachAsync(string point) =>
        await ChildProcess.RunAsync("umount", point);

    /// <summary>Unmounts the file system, which nobody else may have mounted, and waits until nobody uses it.</summary>
    public async Task ReleaseAsync()
    {
        (await DetachAsync(Path)).AssertSucceeded();
        Assert.True(await Poll.UntilAsync(_released, IsReleasedAsync), "the file system is still in use");
    }

    /// <summary>True if no loop device uses the image: it is not mounted anywhere, in any namespace.</summary>
    public async Task<bool> IsReleasedAsync()
    {
        CommandResult result = await ChildProcess.RunAsync("losetup", "-j", Image);
        return result.ExitCode == 0 && result.Output.Length == 0;
    }

    public async ValueTask DisposeAsync()
    {
        await MountTable.ClearAsync(Work.Path);
        CommandResult devices = await ChildProcess.RunAsync("losetup", "-n", "-O", "NAME", "-j", Image);
        foreach (string device in devices.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            await ChildProcess.RunAsync("losetup", "-d", device.Trim());
        }

        await Work.DisposeAsync();
    }

    private string Type => Kind.ToString().ToLowerInvariant();

    private async Task FormatAsync()
    {
        if (Kind == FileSystemKind.Tmpfs)
        {
            return;
        }

        Requirement.Tool($"mkfs.{Type}");
        await using (FileStream image = File.Create(Image))
        {
            image.SetLength(ImageSize);
        }

        CommandResult result = await ChildProcess.RunAsync($"mkfs.{Type}", "-q", Image);
        result.AssertSucceeded();
    }
}
