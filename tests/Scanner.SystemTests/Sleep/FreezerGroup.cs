using System.Globalization;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Sleep;

/// <summary>A control group whose processes can be frozen, as all are when the system sleeps (cgroups(7)).</summary>
internal sealed class FreezerGroup : IAsyncDisposable
{
    private static readonly TimeSpan _left = TimeSpan.FromSeconds(10);

    private readonly string _path;

    private FreezerGroup(string mount) => _path = Path.Combine(mount, $"scanner-tests-{Guid.NewGuid():N}"[..22]);

    public static FreezerGroup Create()
    {
        Requirement.Root();
        string? mount = File.ReadLines("/proc/self/mounts").Select(line => line.Split(' '))
            .FirstOrDefault(fields => fields[2] == "cgroup2")?[1];
        Requirement.Met(mount is not null, "needs control groups of version 2");
        FreezerGroup group = new(mount!);
        Directory.CreateDirectory(group._path);
        return group;
    }

    public void Add(int processId) =>
        File.WriteAllText(Path.Combine(_path, "cgroup.procs"), processId.ToString(CultureInfo.InvariantCulture));

    public void Freeze() => File.WriteAllText(Path.Combine(_path, "cgroup.freeze"), "1");

    public void Thaw() => File.WriteAllText(Path.Combine(_path, "cgroup.freeze"), "0");

    /// <summary>Waits until every process stands still, which one that waits for an answer may not.</summary>
    public async Task FrozenAsync() =>
        Assert.True(await Poll.UntilAsync(_left, () => IsFrozen), $"{_path} does not get frozen");

    public bool IsFrozen => File.ReadLines(Path.Combine(_path, "cgroup.events")).Contains("frozen 1");

    public async ValueTask DisposeAsync()
    {
        Thaw();
        bool isGone = await Poll.UntilAsync(_left, () =>
        {
            try
            {
                Directory.Delete(_path);
                return true;
            }
            catch (IOException)
            {
                // Somebody is still in it.
                return false;
            }
        });
        Assert.True(isGone, $"{_path} is still in use");
    }
}
