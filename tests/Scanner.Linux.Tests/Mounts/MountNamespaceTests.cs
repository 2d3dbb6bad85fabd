using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Linux.Tests.Mounts;

[Collection(MarksCollection.Name)]
public sealed class MountNamespaceTests
{
    [Fact(Timeout = 10_000)]
    public Task GivenAPrivateNamespace_WhenMountedInIt_ThenOnlyRunSeesIt() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Tool.Run("mount", "--make-shared", mount.Root);
        Directory.CreateDirectory(mount["inner"]);
        using MountNamespace inside = EnterElsewhere(() => Mount.Tmpfs(mount["inner"], "size=1m"));
        Assert.Empty(EntriesAt(mount["inner"]));

        int seen = 0;
        inside.Run(() => seen = EntriesAt(mount["inner"]).Count);

        Assert.Equal(1, seen);
        Assert.Empty(EntriesAt(mount["inner"]));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAPrivateNamespace_WhenMountedOutside_ThenItReceivesTheMount() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        Tool.Run("mount", "--make-shared", mount.Root);
        Directory.CreateDirectory(mount["inner"]);
        using MountNamespace inside = EnterElsewhere(() => { });
        Tool.Run("mount", "-t", "tmpfs", "none", mount["inner"]);

        int seen = 0;
        inside.Run(() => seen = EntriesAt(mount["inner"]).Count);

        Assert.Equal(1, seen);
        Mount.Detach(new BytePath(mount["inner"]));
    });

    [Fact(Timeout = 10_000)]
    public Task GivenAnActionThatFails_WhenRun_ThenItsOwnErrorComesOut() => Blocking.Run(() =>
    {
        Requires.Root();
        using MountNamespace own = MountNamespace.OpenOwn();

        Assert.Equal(
            "/nonexistent",
            Assert.Throws<ErrnoException>(() => own.Run(() => Descriptor.OpenRead("/nonexistent"))).Subject);
    });

    [Fact(Timeout = 10_000)]
    public Task GivenADescriptorOfSomethingElse_WhenRun_ThenItFails() => Blocking.Run(() =>
    {
        Requires.Root();
        using MountNamespace wrong = new(Descriptor.OpenRead("/etc/passwd"));

        Assert.Equal("setns", Assert.Throws<ErrnoException>(() => wrong.Run(() => { })).Call);
    });

    private static List<MountEntry> EntriesAt(string path)
    {
        using MountTable table = MountTable.OpenOwn();
        return [.. table.Read().Where(entry => entry.MountPoint.ToString() == path)];
    }

    /// <summary>A new namespace, entered by a thread that ends at once, after it has done something in it.</summary>
    private static MountNamespace EnterElsewhere(Action action)
    {
        MountNamespace? entered = null;
        Blocking.Run(() =>
        {
            MountNamespace.EnterPrivate();
            action();
            entered = MountNamespace.OpenOwn();
        }).GetAwaiter().GetResult();
        return entered!;
    }
}
