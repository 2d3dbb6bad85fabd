using Scanner.Linux.Processes;
using Scanner.Linux.Sockets;
using Scanner.Testing;

namespace Scanner.Linux.Tests.KernelFacts;

/// <summary>
/// A process in a private mount namespace that ignores its own clone of a watched mount does not wait for itself, nor
/// does what it executes or forks there. Everybody else is asked about.
/// </summary>
[Collection(MarksCollection.Name)]
public sealed class K8OwnMountIsSilentTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    [InlineData("xfs")]
    [InlineData("btrfs")]
    public Task GivenAnIgnoredCloneOfTheMount_WhenItsOwnerAndOthersOpen_ThenOnlyOthersAreAsked(string type) => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Create(type);
        string path = mount.Write("file", "content");
        using ChildProcess owner = Children.Start("own_mount", [mount.Root, path], out ControlSocket socket);
        using ControlSocket ours = socket;
        try
        {
            Assert.Equal(
                ["itself", "executed", "child", "ready"],
                Enumerable.Range(0, 4).Select(_ => Children.HearText(socket)));

            using Opener outside = Opener.Cat(path);

            Assert.Equal($"event {outside.ProcessId}", Children.HearText(socket));
            Assert.True(outside.Result().WasDenied);
        }
        finally
        {
            Children.Kill(owner);
        }
    });
}
