using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>A file system of the test's own, of which the directory <c>in</c> is watched. Nothing is marked.</summary>
internal sealed class Tree : IDisposable
{
    private readonly Descriptor _root = Descriptor.OpenPath("/");
    private readonly long _backlogUntil;
    private readonly byte[] _scratch = new byte[Coverage.ScratchBytes];

    /// <param name="type">The file system's type.</param>
    /// <param name="isRestarted">Whether an earlier worker has died just now.</param>
    public Tree(string type = "tmpfs", bool isRestarted = false)
    {
        Mount = TestMount.Create(type);
        _backlogUntil = isRestarted ? long.MaxValue : 0;
        // An hour after all that the test does.
        Time = new FixedTime(TimeProvider.System.GetUtcNow().AddHours(1));
    }

    public TestMount Mount { get; }

    public FixedTime Time { get; }

    /// <summary>Writes a file, and the directories above it.</summary>
    public string Write(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Mount[name])!);
        return Mount.Write(name, "content");
    }

    public static TrustedMount Trusted(string mountPoint, string root = "/")
    {
        using Descriptor place = Descriptor.OpenPath(mountPoint);
        return new TrustedMount(
            FileStatus.Of(place).MountId, new BytePath(root), new BytePath(mountPoint), [new BytePath("/in")]);
    }

    public Placement Place(string path, params TrustedMount[] mounts) => Place(FreshCoverage(mounts), path);

    public Placement Place(Coverage coverage, string path)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        return Place(coverage, file);
    }

    public Placement Place(Coverage coverage, Descriptor file)
    {
        Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        return coverage.Place(file.Content, status, _scratch);
    }

    /// <param name="mounts">The host's mounts; without any it is the file system's own.</param>
    public Coverage FreshCoverage(params TrustedMount[] mounts) =>
        new(mounts.Length > 0 ? mounts : [Trusted(Mount.Root)], new MoveGuard(_root, _backlogUntil, Time));

    /// <summary>Puts the clock to a moment after the last change of a path.</summary>
    public void SetTimeAfterChangeOf(string path, TimeSpan later)
    {
        using Descriptor place = Descriptor.OpenPath(path);
        Time.Now = DateTimeOffset.UnixEpoch.AddTicks(FileStatus.Of(place).ChangedAt / 100) + later;
    }

    public void Dispose()
    {
        _root.Dispose();
        Mount.Dispose();
    }
}
