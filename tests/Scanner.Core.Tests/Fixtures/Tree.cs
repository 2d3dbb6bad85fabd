using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>A file system of the test's own, of which the directory <c>in</c> is watched. Nothing is marked.</summary>
internal sealed class Tree : IDisposable
{
    private readonly byte[] _scratch = new byte[Coverage.ScratchBytes];

    public TestMount Mount { get; } = TestMount.Create("tmpfs");

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

    public bool Includes(string path, params TrustedMount[] mounts)
    {
        using Descriptor file = Descriptor.OpenRead(path);
        return Includes(Cover(mounts), file);
    }

    public bool Includes(Coverage coverage, Descriptor file)
    {
        Assert.Equal(Errno.None, file.Content.TryGetStatus(StatusScope.Cached, out FileStatus status));
        return coverage.Includes(file.Content, status, _scratch);
    }

    /// <param name="mounts">The host's mounts; without any it is the file system's own.</param>
    public Coverage Cover(params TrustedMount[] mounts) =>
        new(mounts.Length > 0 ? mounts : [Trusted(Mount.Root)], believesPaths: true);

    public void Dispose() => Mount.Dispose();
}
