using Scanner.Linux;
using Scanner.Linux.Files;
using Scanner.Linux.Mounts;

namespace Scanner.Testing;

/// <summary>A file system of the test's own, which a permission mark may be put on.</summary>
/// <remarks>
/// A permission mark on a file system that the machine itself lives on would stop the machine, so a mount is handed
/// out only if its device is none of those. Unmounted lazily, because an opener may still be inside. What a killed
/// test run left behind goes with the next run's first mount.
/// </remarks>
public sealed class TestMount : IDisposable
{
    private const string Prefix = "scanner-testmount-";

    private readonly string _directory;
    private readonly List<string> _mounted = [];

    private TestMount(string type)
    {
        SweepLeftovers();
        _directory = Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName;
        Type = type;
        Root = Path.Combine(_directory, "mount");
    }

    /// <summary>The types that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Types { get; } = ["tmpfs", "ext4", "xfs", "btrfs"];

    public string Type { get; }

    /// <summary>The mount point.</summary>
    public string Root { get; }

    /// <summary>The file that the file system lies in, unless it is a tmpfs.</summary>
    public string Image => Path.Combine(_directory, "image");

    /// <summary>The mount point as a system call takes it.</summary>
    public BytePath RootPath => new(Root);

    public static TestMount Tmpfs() => Create("tmpfs");

    public static TestMount Ext4() => Create("ext4");

    /// <summary>Makes and mounts an empty file system; loop-mounted from a sparse image unless it is tmpfs.</summary>
    public static TestMount Create(string type)
    {
        Requires.Root();
        TestMount mount = new(type);
        try
        {
            mount.MountNew();
            RefuseMachineFilesystems(mount.Root);
            return mount;
        }
        catch
        {
            mount.Dispose();
            throw;
        }
    }

    /// <summary>The path of a name on this file system.</summary>
    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Writes a file. Not after a mark is set: the test would wait for its own answer.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    /// <summary>A second mount of the same file system, or of a directory in it.</summary>
    /// <param name="source">The directory inside the file system; empty for all of it.</param>
    public string Bind(string source = "")
    {
        string target = Path.Combine(_directory, $"bind{_mounted.Count}");
        Directory.CreateDirectory(target);
        Tool.Run("mount", "--bind", this[source], target);
        _mounted.Add(target);
        RefuseMachineFilesystems(target);
        return target;
    }

    /// <summary>Unmounts it, lazily, for the machine's directory to be seen again.</summary>
    public void Detach() => Detach(Root);

    /// <summary>Mounts the image again.</summary>
    public void Attach() => Tool.Run("mount", "-t", Type, "-o", "loop", Image, Root);

    public void Dispose()
    {
        for (int i = _mounted.Count - 1; i >= 0; i--)
        {
            Detach(_mounted[i]);
        }

        _mounted.Clear();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>Throws unless a path is on a file system that the machine can do without.</summary>
    /// <exception cref="InvalidOperationException">It holds /, /usr, /tmp, the working directory or this
    /// program.</exception>
    public static void RefuseMachineFilesystems(string path)
    {
        using MountTable mounts = MountTable.OpenOwn();
        IReadOnlyList<MountEntry> table = mounts.Read();
        DeviceNumber device = DeviceOf(path, table);
        string[] places = ["/", "/usr", "/tmp", Environment.CurrentDirectory, AppContext.BaseDirectory];
        foreach (string precious in places)
        {
            if (DeviceOf(precious, table) == device)
            {
                throw new InvalidOperationException(
                    $"{path} is on the file system of {precious}; it must not be marked.");
            }
        }
    }

    private static void Detach(string directory)
    {
        try
        {
            Mount.Detach(new BytePath(directory));
        }
        catch (ErrnoException error) when (error.Errno is Errno.EINVAL or Errno.ENOENT)
        {
            // The test has unmounted it itself.
        }
    }

    private static DeviceNumber DeviceOf(string path, IReadOnlyList<MountEntry> table)
    {
        using Descriptor place = Descriptor.OpenPath(path);
        int id = FileStatus.ListedMountIdOf(place);
        return table.Single(entry => entry.Id == id).Filesystem;
    }

    private static void SweepLeftovers()
    {
        foreach (string directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            string owner = Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            if (Directory.Exists($"/proc/{owner}"))
            {
                continue;
            }

            foreach (string mounted in Directory.GetDirectories(directory))
            {
                Detach(mounted);
            }

            Directory.Delete(directory, recursive: true);
        }
    }

    private void MountNew()
    {
        Directory.CreateDirectory(Root);
        if (Type == "tmpfs")
        {
            Mount.Tmpfs(Root, "size=64m,mode=755");
            _mounted.Add(Root);
            return;
        }

        using (FileStream file = File.Create(Image))
        {
            // The least that mkfs.xfs accepts; sparse.
            file.SetLength(320L << 20);
        }

        Tool.Run($"mkfs.{Type}", "-q", Image);
        _mounted.Add(Root);
        Attach();
    }
}
