namespace Scanner.SystemTests.Cached;

/// <summary>As <see cref="WatchedCachedFiles"/>; the kernel asks about every open.</summary>
public sealed class AskedCachedFiles : WatchedCachedFiles
{
    public AskedCachedFiles() => Options = ["--profile", "strict", "--no-kernel-marks"];
}
