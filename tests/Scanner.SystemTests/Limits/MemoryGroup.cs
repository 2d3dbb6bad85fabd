using System.Globalization;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Limits;

/// <summary>A control group with a limit of memory (cgroups(7)), of either version.</summary>
internal sealed class MemoryGroup : IAsyncDisposable
{
    private const string Version1 = "/sys/fs/cgroup/memory";
    private const string Version2 = "/sys/fs/cgroup";

    private static readonly TimeSpan _left = TimeSpan.FromSeconds(10);

    private readonly bool _isVersion1 = Directory.Exists(Version1);
    private readonly string _path;

    private MemoryGroup() =>
        _path = Path.Combine(_isVersion1 ? Version1 : Version2, $"scanner-tests-{Guid.NewGuid():N}"[..22]);

    /// <summary>The command that has what follows it run in this group.</summary>
    public string[] Prefix => ["sh", "-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"", _path];

    /// <summary>Bytes that are in use.</summary>
    public long Usage => long.Parse(
        Read(_isVersion1 ? "memory.usage_in_bytes" : "memory.current"), CultureInfo.InvariantCulture);

    /// <summary>How many processes the kernel has killed because the limit was reached.</summary>
    public int Kills => int.Parse(
        Read(_isVersion1 ? "memory.oom_control" : "memory.events").Split('\n')
            .Single(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))["oom_kill ".Length..],
        CultureInfo.InvariantCulture);

    public static MemoryGroup Create()
    {
        Requirement.Root();
        MemoryGroup group = new();
        Directory.CreateDirectory(group._path);
        Requirement.Met(File.Exists(group.LimitFile), "needs control groups with a limit of memory");
        return group;
    }

    /// <param name="bytes"><c>null</c> for none.</param>
    public async Task LimitAsync(long? bytes)
    {
        bool isSet = await Poll.UntilAsync(_left, () =>
        {
            try
            {
                File.WriteAllText(LimitFile, bytes is { } limit ? $"{limit}" : _isVersion1 ? "-1" : "max");
                return true;
            }
            catch (IOException)
            {
                // Version 1 kills nobody for a new limit, but refuses it while more is in use.
                return false;
            }
        });
        Assert.True(isSet, $"{Usage} bytes are in use, more than {bytes}");
    }

    public async ValueTask DisposeAsync()
    {
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

    private string LimitFile => Path.Combine(_path, _isVersion1 ? "memory.limit_in_bytes" : "memory.max");

    private string Read(string name) => File.ReadAllText(Path.Combine(_path, name)).Trim();
}
