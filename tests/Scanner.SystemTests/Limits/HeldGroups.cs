using System.Globalization;
using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Limits;

/// <summary>Somebody who has taken nearly all fanotify groups that a user may have.</summary>
/// <remarks>
/// The kernel counts them for each user, so a user that nobody else is stands in for root: neither is a setting of the
/// machine changed, nor does another program run into the limit.
/// </remarks>
internal sealed class HeldGroups : IDisposable
{
    private const string User = "60007";

    /// <summary>What the daemon can make use of, as far as every machine gives it to root.</summary>
    private const string Capabilities =
        "+sys_admin,+dac_override,+dac_read_search,+lease,+sys_ptrace,+sys_nice,+kill";

    private readonly ChildProcess _holder;

    private HeldGroups(ChildProcess holder) => _holder = holder;

    /// <summary>The command that has what follows it be that user, with root's capabilities.</summary>
    public static string[] Prefix =>
    [
        "setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups",
        $"--inh-caps={Capabilities}", $"--ambient-caps={Capabilities}", "--",
    ];

    /// <param name="left">How many that user may have yet.</param>
    public static async Task<HeldGroups> StartAsync(int left)
    {
        Requirement.Root();
        Requirement.Tool("setpriv");
        string[] command =
            [.. Prefix, NativeProgram.At("hold_groups"), left.ToString(CultureInfo.InvariantCulture)];
        HeldGroups held = new(ChildProcess.Start(TimeSpan.FromMinutes(2), null, command[0], command[1..]));
        string? line = await held._holder.ReadLineAsync();
        Assert.True(line?.StartsWith("ready ", StringComparison.Ordinal), line ?? "the groups could not be taken");
        return held;
    }

    /// <summary>Gives all of them back.</summary>
    public void Release() => _holder.Kill();

    public void Dispose() => _holder.Dispose();
}
