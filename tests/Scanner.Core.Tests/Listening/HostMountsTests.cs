using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Core.Tests.Fixtures;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Core.Tests.Listening;

/// <summary>What is marked is what was looked at, whatever users do to the path in between.</summary>
[Collection(MarksCollection.Name)]
public sealed class HostMountsTests : IDisposable
{
    private readonly MountTable _table = MountTable.OpenOwn();
    private readonly Descriptor _root = Descriptor.OpenPath("/");
    private readonly HostMounts _host;

    public HostMountsTests() => _host = new HostMounts(_table, _root);

    public void Dispose()
    {
        _root.Dispose();
        _table.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public Task GivenAMount_WhenItsPathStillLeadsThere_ThenItIsOpened() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();

        using Descriptor? place = _host.TryOpen(Tree.Trusted(mount.Root));
        using Descriptor? forHandles = _host.TryOpenForHandles(Tree.Trusted(mount.Root));

        Assert.NotNull(place);
        Assert.NotNull(forHandles);
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAMount_WhenADirectoryOnItsPathIsSwappedForALink_ThenTheOtherMountIsRefused() => Blocking.Run(() =>
    {
        // A mount point below a user's directory, and a link to a place of the same name elsewhere.
        using TestMount users = TestMount.Tmpfs();
        using TestMount other = TestMount.Tmpfs();
        Directory.CreateDirectory(users["own/point"]);
        Directory.CreateDirectory(other["point"]);
        Mount.Tmpfs(users["own/point"], "size=1m");
        try
        {
            TrustedMount planned = Tree.Trusted(users["own/point"]);
            Directory.Move(users["own"], users["moved"]);
            File.CreateSymbolicLink(users["own"], other.Root);

            using Descriptor? place = _host.TryOpen(planned);
            using Descriptor? forHandles = _host.TryOpenForHandles(planned);

            Assert.Null(place);
            Assert.Null(forHandles);
        }
        finally
        {
            Mount.Detach(new BytePath(users["moved/point"]));
        }
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAMount_WhenAnotherIsMountedOverIt_ThenTheOtherIsRefused() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        TrustedMount planned = Tree.Trusted(mount.Root);
        Mount.Tmpfs(mount.Root, "size=1m");
        try
        {
            using Descriptor? place = _host.TryOpen(planned);

            Assert.Null(place);
        }
        finally
        {
            Mount.Detach(new BytePath(mount.Root));
        }
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAMountThatIsGone_WhenAnotherTakesItsPlaceAndItsNumber_ThenItIsAnother() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string point = Directory.CreateDirectory(mount["point"]).FullName;
        Mount.Tmpfs(point, "size=1m");
        TrustedMount planned = Tree.Trusted(point);
        Mount.Detach(new BytePath(point));
        Mount.Tmpfs(point, "size=1m");
        try
        {
            using Descriptor? place = _host.TryOpen(planned);

            Assert.Null(place);
        }
        finally
        {
            Mount.Detach(new BytePath(point));
        }
    });

    [Fact(Timeout = 20_000)]
    public Task GivenAMountThatIsGone_WhenItsPathLeadsToTheFileSystemBelow_ThenThatIsRefused() => Blocking.Run(() =>
    {
        using TestMount mount = TestMount.Tmpfs();
        string point = Directory.CreateDirectory(mount["point"]).FullName;
        Mount.Tmpfs(point, "size=1m");
        TrustedMount planned = Tree.Trusted(point);
        Mount.Detach(new BytePath(point));

        using Descriptor? place = _host.TryOpen(planned);

        Assert.Null(place);
    });
}
