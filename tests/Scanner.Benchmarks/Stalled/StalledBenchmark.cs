using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Stalled;

/// <summary>What opens of known files cost while thousands of others wait, against the C responder.</summary>
internal static class StalledBenchmark
{
    public static async Task RunAsync(StalledOptions options, CancellationToken cancellation)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new BenchmarkException("this needs root: it mounts images and asks for permission events");
        }

        NativeTools tools = await NativeTools.PrepareAsync(options.Scannerd, cancellation);
        if (tools.Scannerd is null)
        {
            throw new BenchmarkException("scannerd is not built: build the solution with -c Release");
        }

        Machine machine = Machine.Here(pinnedCpu: -1);
        await using BenchImage stalled = await BenchImage.CreateAsync(cancellation);
        await using BenchImage other = await BenchImage.CreateAsync(cancellation);
        StalledBed bed = new(options, tools, stalled, other);
        await bed.WriteStalledFilesAsync(cancellation);
        IReadOnlyList<StalledSample> samples = await new StalledPass(bed).RunAsync(cancellation);
        StalledTextReport.Write(machine, options, samples, Console.Out);
    }
}
