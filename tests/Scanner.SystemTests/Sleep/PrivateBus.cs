using System.Text;
using Scanner.SystemTests.Fixtures;

namespace Scanner.SystemTests.Sleep;

/// <summary>A message bus of the test's own, in the place of the system's.</summary>
internal sealed class PrivateBus : IAsyncDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private readonly WorkDirectory _work = new();
    private readonly ChildProcess _daemon;

    private PrivateBus()
    {
        string configuration = _work.Write("bus.conf", Encoding.UTF8.GetBytes($"""
            <!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
              "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
            <busconfig>
              <type>system</type>
              <listen>unix:path={_work.In("bus")}</listen>
              <auth>EXTERNAL</auth>
              <policy context="default">
                <allow send_destination="*"/>
                <allow receive_sender="*"/>
                <allow own="*"/>
              </policy>
            </busconfig>
            """));
        _daemon = ChildProcess.Start(
            _limit,
            null,
            "dbus-daemon",
            ["--nofork", "--nopidfile", "--print-address", $"--config-file={configuration}"]);
    }

    /// <summary>The command that has what follows it use this bus.</summary>
    public string[] Prefix => PrefixOf($"unix:path={_work.In("bus")}");

    public static async Task<PrivateBus> StartAsync()
    {
        Requirement.Tool("dbus-daemon");
        PrivateBus bus = new();
        Assert.NotNull(await bus._daemon.ReadLineAsync());
        return bus;
    }

    public static string[] PrefixOf(string address) => ["env", $"DBUS_SYSTEM_BUS_ADDRESS={address}"];

    public async ValueTask DisposeAsync()
    {
        _daemon.Dispose();
        await _work.DisposeAsync();
    }
}
