namespace Scanner.SystemTests.Cached;

/// <summary>Every way in which a file's content changes and that a kept verdict must not survive, by name.</summary>
/// <remarks>
/// Left out is what no user-space scanner can see, direct I/O in flight into a mapping that is already gone: see
/// <see cref="PinnedPagesTests"/>.
/// </remarks>
internal static class ChangeWays
{
    private static readonly ChangeWay[] _plain =
    [
        new("write"),
        new("append") { Shape = ContentShape.Beginning },
        new("direct"),
        new("aio"),
        new("truncate"),
        new("o-trunc"),
        new("punch") { Shape = ContentShape.AllButTheLastBlock },
        new("link"),
        new("proc-fd"),
        new("copy-range"),
        new("reflink"),
        new("swap-extents"),
        new("splice"),
        new("sendfile"),
        new("io-uring"),
        new("mmap"),
        new("mmap-msync"),
        new("mmap-closed"),
        new("mmap-closed-msync"),
        new("rename"),
        new("exchange"),
        new("reuse-inode"),
        new("image"),
    ];

    /// <summary>A writer or a mapping that is older than the first scan.</summary>
    private static readonly ChangeWay[] _held =
    [
        new("write") { IsHeld = true },
        new("append") { IsHeld = true, Shape = ContentShape.Beginning },
        new("direct") { IsHeld = true },
        new("aio") { IsHeld = true },
        new("link") { IsHeld = true },
        new("proc-fd") { IsHeld = true },
        new("splice") { IsHeld = true },
        new("io-uring") { IsHeld = true },
        new("mmap") { IsHeld = true },
        new("mmap-msync") { IsHeld = true },
        new("mmap-closed") { IsHeld = true },
        new("mmap-closed-msync") { IsHeld = true },
        new("mmap-dirty") { IsHeld = true },
        new("swap-extents") { IsHeld = true },
    ];

    private static readonly ChangeWay[] _below =
    [
        new("write") { IsBelow = true },
        new("write") { IsBelow = true, IsHeld = true },
        new("mmap-closed") { IsBelow = true },
        new("mmap-closed") { IsBelow = true, IsHeld = true },
        new("mmap-dirty") { IsBelow = true, IsHeld = true },
    ];

    public static IReadOnlyDictionary<string, ChangeWay> All { get; } =
        ((ChangeWay[])[.. _plain, .. _held, .. _below])
            .SelectMany<ChangeWay, ChangeWay>(way =>
            [
                way,
                way with { KeepsTimes = true },
                way with { KeepsTimes = true, IsWritableForAll = true },
            ])
            .ToDictionary(way => way.Name);

    public static IEnumerable<ChangeWay> On(CachedPlace place) => All.Values.Where(way => way.WorksOn(place));
}
