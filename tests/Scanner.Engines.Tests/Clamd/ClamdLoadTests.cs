using Scanner.Core.Scanning;
using Scanner.Engines.Clamd;
using Scanner.Engines.Tests.Signatures;
using Scanner.Linux;
using Scanner.Testing.Clamd;

namespace Scanner.Engines.Tests.Clamd;

/// <summary>Many scans: what they cost and what they leave behind.</summary>
[Collection(AloneCollection.Name)]
public sealed class ClamdLoadTests
{
    private const int Scans = 5_000;

    [Fact(Timeout = 120_000)]
    public async Task GivenManyScans_WhenDone_ThenNoDescriptorIsLeftAndTheyCostLittle()
    {
        await using ClamdServer server = await ClamdServer.StartAsync();
        await using ClamdEngine engine = Engines.Start(server.SocketPath);
        string[] paths = [.. Enumerable.Range(0, 500).Select(i => server.Write($"{i}", ClamdSamples.Clean(4096, i)))];
        await RunAsync(engine, paths, 1_000);
        int descriptors = CountDescriptors();
        TimeSpan own = Environment.CpuUsage.TotalTime;
        TimeSpan theirs = server.ProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes(precise: true);

        await RunAsync(engine, paths, Scans);

        own = Environment.CpuUsage.TotalTime - own;
        theirs = server.ProcessorTime - theirs;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"per scan: own {own.TotalMicroseconds / Scans:F1} us, clamd {theirs.TotalMicroseconds / Scans:F1} us, "
            + $"{allocated / Scans} bytes allocated");
        Assert.InRange(CountDescriptors(), 0, descriptors + 2);
        Assert.InRange(allocated / Scans, 0, 4_000);
    }

    private static int CountDescriptors() => Directory.GetFiles("/proc/self/fd").Length;

    /// <summary>Four at a time, as the lanes would.</summary>
    private static async Task RunAsync(ClamdEngine engine, string[] paths, int count)
    {
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            int turn;
            while ((turn = Interlocked.Increment(ref next)) < count)
            {
                using Descriptor file = Descriptor.OpenRead(paths[turn % paths.Length]);
                Verdict verdict = await engine.ScanAsync(
                    new ScanTarget(file.Content, 4096), TestContext.Current.CancellationToken);
                Assert.Equal(Verdict.Clean, verdict);
            }
        }));
    }
}
