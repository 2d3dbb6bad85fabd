using Scanner.SystemTests.Cached;

namespace Scanner.SystemTests.Marked;

/// <summary>Clean files, of which the kernel lets those pass unasked that only root can write.</summary>
public sealed class WatchedMarkedFiles : WatchedCachedFiles
{
    // What is written into the image ends all marks on its file system.
    public WatchedMarkedFiles() => Ways = way => way.Command != "image";
}
