using Scanner.SystemTests.Fixtures;
using Scanner.SystemTests.Openers;

namespace Scanner.SystemTests.Sleep;

/// <summary>A logind in the place of the system's; see tests/native/fake_logind.c.</summary>
internal sealed class FakeLogind : IDisposable
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _child;
    private int _given;
    private int _released;
    private int _forged;

    private FakeLogind(ChildProcess child) => _child = child;

    /// <summary>How many inhibitors of sleep it has given to scannerd.</summary>
    public int Given => Volatile.Read(ref _given);

    /// <summary>How many of them were given back.</summary>
    public int Released => Volatile.Read(ref _released);

    public static async Task<FakeLogind> StartAsync(PrivateBus bus)
    {
        string[] command = [.. bus.Prefix, NativeProgram.At("fake_logind")];
        FakeLogind logind = new(ChildProcess.StartListening(_limit, command[0], command[1..]));
        Assert.Equal("ready", await logind._child.ReadLineAsync());
        _ = logind.FollowAsync();
        return logind;
    }

    public void Sleep() => _child.Tell("sleep");

    public void Wake() => _child.Tell("wake");

    /// <summary>Has somebody else on the bus tell scannerd that the system is about to sleep.</summary>
    public async Task ForgeAsync()
    {
        _child.Tell("forge");
        Assert.True(await Poll.UntilAsync(TimeSpan.FromSeconds(5), () => Volatile.Read(ref _forged) > 0), "not forged");
    }

    public async Task GivenReachesAsync(int count) =>
        Assert.True(
            await Poll.UntilAsync(TimeSpan.FromSeconds(20), () => Given >= count),
            $"{Given} inhibitors were taken where {count} were expected");

    /// <summary>Has it stand still, so that it answers nobody.</summary>
    public void Hang() => Signals.Stop(_child.Id);

    public void End() => _child.Kill();

    public void Dispose() => _child.Dispose();

    private async Task FollowAsync()
    {
        try
        {
            while (await _child.ReadLineAsync() is string line)
            {
                _given += line == "inhibited sleep scannerd delay" ? 1 : 0;
                _released += line == "released" ? 1 : 0;
                _forged += line == "forged" ? 1 : 0;
            }
        }
        catch (Exception error) when (error is ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The test is over.
        }
    }
}
