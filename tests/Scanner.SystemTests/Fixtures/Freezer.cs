using System.Globalization;

namespace Scanner.SystemTests.Fixtures;

/// <summary>A cgroup of a test's own whose processes stand still when they are told to, as at a suspend.</summary>
internal sealed class Freezer : IDisposable
{
    private static readonly TimeSpan _frozen = TimeSpan.FromSeconds(5);

    private readonly string _parent;
    private readonly string _path;

    private Freezer(string parent)
    {
        _parent = parent;
        _path = Path.Combine(parent, $"scanner-tests-{Guid.NewGuid():N}"[..22]);
        Directory.CreateDirectory(_path);
    }

    public static Freezer Create()
    {
        Requirement.Root();
        string? parent = File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' '))
            .FirstOrDefault(fields => fields.Contains("cgroup2"))?[4];
        Requirement.Met(parent is not null, "needs a cgroup2 file system");
        Freezer freezer = new(parent!);
        Requirement.Met(File.Exists(freezer.In("cgroup.freeze")), "this kernel has no cgroup.freeze");
        return freezer;
    }

    public void Add(int pid) =>
        File.WriteAllText(In("cgroup.procs"), pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>Has the processes stop. Those that wait in the kernel do so when their wait is over.</summary>
    public void Freeze() => File.WriteAllText(In("cgroup.freeze"), "1");

    /// <summary>Waits until all of them stand still.</summary>
    public async Task StandsStillAsync()
    {
        bool isFrozen = await Poll.UntilAsync(
            _frozen, () => File.ReadAllText(In("cgroup.events")).Contains("frozen 1", StringComparison.Ordinal));
        Assert.True(isFrozen, "the processes are not frozen");
    }

    public void Thaw() => File.WriteAllText(In("cgroup.freeze"), "0");

    public void Dispose()
    {
        Thaw();
        foreach (string pid in File.ReadAllLines(In("cgroup.procs")))
        {
            File.WriteAllText(Path.Combine(_parent, "cgroup.procs"), pid);
        }

        Directory.Delete(_path);
    }

    private string In(string name) => Path.Combine(_path, name);
}
