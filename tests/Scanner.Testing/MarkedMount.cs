using Scanner.Linux;
using Scanner.Linux.Fanotify;

namespace Scanner.Testing;

/// <summary>A group that listens to a file system of the test's own.</summary>
public sealed class MarkedMount : IDisposable
{
    private readonly Descriptor _here = Descriptor.OpenPath("/");

    /// <param name="mount">Whose files are written already; the mark is set now.</param>
    /// <param name="mask">What to listen for.</param>
    public MarkedMount(TestMount mount, EventMask mask = EventMask.OpenPermission)
    {
        Group = FanotifyGroup.Open();
        Reader = new EventReader(Group);
        Group.MarkFilesystem(mask, _here, mount.RootPath);
    }

    public FanotifyGroup Group { get; }

    public EventReader Reader { get; }

    public void Dispose()
    {
        Reader.Dispose();
        Group.Dispose();
        _here.Dispose();
    }
}
