using System.Text.Json;
using Scanner.Core.Policy;
using Scanner.Linux;
using Scanner.Linux.Mounts;

namespace Scanner.Daemon.Tests;

/// <summary>What the command line said reaches the worker unchanged.</summary>
public sealed class OptionsFormatTests
{
    [Fact(Timeout = 5_000)]
    public Task GivenEveryOptionSet_WhenItIsWrittenAndRead_ThenNothingIsLost()
    {
        WatchOptions options = new()
        {
            Roots =
            [
                new WatchRoot(new BytePath("/srv/a b"), new DeviceNumber(8, 1), new BytePath("/"), "ext4", 42, 43),
                new WatchRoot(
                    new BytePath("/srv/\n"), new DeviceNumber(0, uint.MaxValue), new BytePath("/x"), "tmpfs", 42, 43),
            ],
            WholeRoot = true,
            Engine = new EngineChoice(EngineKind.Clamd, "/srv/so \"ä\"", "found there"),
            Fallback = new EngineChoice(EngineKind.Signatures, null, "as asked for"),
            MaxFileSize = 12345,
            KernelMarks = false,
            KeptLeases = 17,
            LeaseTime = TimeSpan.FromSeconds(7),
            LeaseLaterMounts = true,
            WriteShortcut = false,
            Profile = Profile.Strict,
            Deadline = TimeSpan.FromMilliseconds(1234),
            Observe = true,
            StateDirectory = "/srv/state",
            Json = true,
            Verbose = true,
            Faults = ["scanning:3", "journal"],
        };

        WatchOptions read = RoundTrip(options);

        Assert.Equal(options.Roots, read.Roots);
        Assert.Equal(options.Faults, read.Faults);
        // Lists are equal by reference only; what is left must be equal with them taken out.
        Assert.Equal(options with { Roots = [], Faults = [] }, read with { Roots = [], Faults = [] });
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenTheDefaults_WhenTheyAreWrittenAndRead_ThenTheyAreTheDefaults()
    {
        WatchOptions options = new();

        Assert.Equal(options, RoundTrip(options) with { Roots = options.Roots, Faults = options.Faults });
        return Task.CompletedTask;
    }

    [Fact(Timeout = 5_000)]
    public Task GivenAPathThatIsNotUtf8_WhenItIsWrittenAndRead_ThenItHasTheSameBytes()
    {
        byte[] bytes = [(byte)'/', 0xff, 0xc0, 0x80, (byte)'\n', 0x01, 0xed, 0xa0, 0x80];
        WatchRoot root = new(new BytePath(bytes), new DeviceNumber(8, 1), new BytePath(bytes), "ext4", 42, 43);

        WatchRoot read = Assert.Single(RoundTrip(new WatchOptions { Roots = [root] }).Roots);

        Assert.Equal(bytes, read.Path.Bytes.ToArray());
        Assert.Equal(bytes, read.Tree.Bytes.ToArray());
        return Task.CompletedTask;
    }

    private static WatchOptions RoundTrip(WatchOptions options)
    {
        string text = JsonSerializer.Serialize(options, OptionsFormat.Default.WatchOptions);
        return JsonSerializer.Deserialize(text, OptionsFormat.Default.WatchOptions)!;
    }
}
