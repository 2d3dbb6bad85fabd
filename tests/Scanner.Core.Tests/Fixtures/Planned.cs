using Scanner.Core.Listening;
using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Mounts;
using Scanner.Testing;

namespace Scanner.Core.Tests.Fixtures;

/// <summary>Plans for mounts of a test's own, with how their verdicts may be kept. Nothing is marked.</summary>
internal sealed class Planned : IDisposable
{
    private readonly MountTable _table = MountTable.OpenOwn();
    private readonly Descriptor _root = Descriptor.OpenPath("/");

    public Planned()
    {
        Host = new HostMounts(_table, _root);
        Rules = new CacheRules(Host, Devices);
    }

    public HostMounts Host { get; }

    public BlockDevices Devices { get; } = new("/sys");

    /// <summary>May be replaced, as by the next worker.</summary>
    public CacheRules Rules { get; set; }

    public FilesystemPlan Plan(TestMount mount) => Plan(mount.Type, mount.Root);

    /// <param name="type">The type that the mount table shows.</param>
    /// <param name="places">Mount points of one file system.</param>
    public FilesystemPlan Plan(string type, params string[] places)
    {
        TrustedMount[] mounts = [.. places.Select(place => Tree.Trusted(place))];
        FilesystemPlan plan = new(
            1, FilesystemKinds.Of(type), [new DeviceNumber(7, 1)], mounts, new Coverage(mounts, believesPaths: true));
        return Rules.Complete(plan, type);
    }

    public void Dispose()
    {
        _root.Dispose();
        _table.Dispose();
    }
}
