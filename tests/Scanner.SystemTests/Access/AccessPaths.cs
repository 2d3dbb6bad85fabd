namespace Scanner.SystemTests.Access;

/// <summary>Every way to a file's content that a scanner has to stand in, by name.</summary>
internal static class AccessPaths
{
    private const string Nobody = "65534";

    public static IReadOnlyDictionary<string, AccessPath> All { get; } = new Dictionary<string, AccessPath>
    {
        // System calls
        ["open"] = Plain("open"),
        ["O_RDWR"] = Plain("rdwr"),
        ["O_DIRECT"] = Plain("direct"),
        ["mmap"] = Plain("mmap"),
        ["sendfile"] = Plain("sendfile"),
        ["splice"] = Plain("splice"),
        ["copy_file_range"] = new(c => ["copy-file-range", c.File, c.Directory]),
        ["io_uring"] = Plain("io-uring"),
        ["open_by_handle_at"] = Plain("handle"),
        ["O_PATH and reopen"] = Plain("opath"),

        // Running it
        ["exec"] = Plain("exec", SampleKind.Executable),
        ["exec of a script"] = Plain("exec", SampleKind.Script),
        ["sh script"] = Plain("sh", SampleKind.Script),
        ["dlopen"] = Plain("dlopen", SampleKind.Library),

        // Names that change, and files that have none
        ["rename"] = new(c => ["rename", c.File, c.In("renamed")]),
        ["hard link"] = new(c => ["link", c.File, c.In("linked")]),
        ["symlink"] = new(c => ["symlink", c.File, c.In("symlink")]),
        ["O_TMPFILE and linkat"] = new(c => ["tmpfile", c.Directory, "linked", c.Source]) { MakesFile = true },
        ["/proc/PID/fd"] = new(c => ["proc-fd", c.In("held"), c.Source, "named"]) { MakesFile = true },
        ["/proc/PID/fd of a deleted file"] =
            new(c => ["proc-fd", c.In("held"), c.Source, "deleted"]) { MakesFile = true },

        // Other mounts and namespaces
        ["unshare -m"] = new(c => ["unshare-m", "open", c.File]),
        ["unshare -rm"] = new(c => ["as", Nobody, "unshare-rm", "open", c.File]),
        ["unshare -rm, bind mount over another path"] = new(c =>
            ["as", Nobody, "unshare-rm", "bind", c.Mount, c.Place, "open", c.FileBelow(c.Place)]),
        ["a namespace that hides the mount point"] = new(c =>
            ["unshare-m", "bind", c.Mount, c.Place, "tmpfs-over", c.Mount, "open", c.FileBelow(c.Place)]),
        ["detached open_tree"] = new(c => ["open-tree", c.Mount, "open", c.FileBelow(".")]),
        ["overlay in a namespace"] = new(c =>
        [
            "unshare-m", "tmpfs-over", c.Place, "overlay", c.Mount, c.Place,
            "open", c.FileBelow(Path.Combine(c.Place, "merged")),
        ]),

        // Names and paths
        ["name with a newline"] = Plain("open") with { Name = "a\nb"u8.ToArray() },
        ["name that is not UTF-8"] = Plain("open") with { Name = [0x61, 0xff, 0xc0, 0xfe] },
        ["name of 255 bytes"] = Plain("open") with { Name = [.. Enumerable.Repeat((byte)'n', 255)] },
        ["path of 1,200 bytes"] = Deep(1_200),
        ["path of 5,000 bytes"] = Deep(5_000),
    };

    private static AccessPath Plain(string command, SampleKind sample = SampleKind.Text) =>
        new(c => [command, c.File]) { Sample = sample };

    private static AccessPath Deep(int length) =>
        new(c => ["deep-open", c.Directory, $"{length}", "sample"])
        {
            Prepare = c => ["deep-put", c.Directory, $"{length}", "sample", c.Source],
            MakesFile = true,
        };
}
