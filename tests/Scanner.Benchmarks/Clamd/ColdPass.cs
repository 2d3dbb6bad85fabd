using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Clamd;

/// <summary>Measures every cell once per round: files that have to be scanned, by every route.</summary>
/// <remarks>Cells that are compared follow one another, and change their order from round to round.</remarks>
internal sealed class ColdPass(ClamdBed bed)
{
    private readonly List<string> _skipped = [];

    /// <summary>Routes that could not be measured, and why.</summary>
    public IReadOnlyList<string> Skipped => _skipped;

    public async Task<IReadOnlyList<ClamdSample>> RunAsync(CancellationToken cancellation)
    {
        List<ClamdSample> samples = [];
        List<ClamdRoute> routes = Routes();
        for (int round = 1; round <= bed.Options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {bed.Options.Rounds}");
            foreach (int openers in ClamdOptions.OpenerCounts)
            {
                foreach (ClamdRoute route in (ClamdRoute[])[.. round % 2 == 0 ? routes.AsEnumerable().Reverse() : routes])
                {
                    if (await TryMeasureAsync(round, route, openers, routes, cancellation) is { } sample)
                    {
                        samples.Add(sample);
                    }
                }
            }
        }

        return samples;
    }

    private List<ClamdRoute> Routes()
    {
        List<ClamdRoute> routes = [ClamdRoute.Responder, ClamdRoute.Client];
        Add(ClamdRoute.Scannerd, bed.HasScannerd, "scannerd is not built");
        Add(ClamdRoute.Clamonacc, ClamdBed.HasClamonacc, "clamonacc is not installed (Debian: clamav-daemon)");
        return routes;

        void Add(ClamdRoute route, bool isThere, string lack)
        {
            if (isThere)
            {
                routes.Add(route);
            }
            else
            {
                _skipped.Add(lack);
            }
        }
    }

    // clamonacc is a comparison: that it does not run here must be said, and must not end the measurement.
    private async Task<ClamdSample?> TryMeasureAsync(
        int round, ClamdRoute route, int openers, List<ClamdRoute> routes, CancellationToken cancellation)
    {
        try
        {
            return await MeasureAsync(round, route, openers, cancellation);
        }
        catch (BenchmarkException error) when (route == ClamdRoute.Clamonacc)
        {
            routes.Remove(route);
            _skipped.Add($"clamonacc: {error.Message}");
            return null;
        }
    }

    private async Task<ClamdSample> MeasureAsync(
        int round, ClamdRoute route, int openers, CancellationToken cancellation)
    {
        int count = bed.Options.Files;

        // As many again before the clock starts: connections, threads, and code that is compiled a second time, better,
        // after it has run for a while.
        IReadOnlyList<string> files = await bed.Files.WriteAsync(2 * count, cancellation);
        await using IResponder? responder = await bed.StartAsync(route, cancellation);
        await bed.OpenAsync(route, [.. files.Take(count)], openers, cancellation);

        int[] deciders = responder is null ? [] : [.. responder.ProcessIds];
        CpuTime decidersBefore = CpuTime.Of(deciders);
        CpuTime clamdBefore = CpuTime.Of([bed.Clamd.ProcessId]);
        OpenerResult result = await bed.OpenAsync(route, [.. files.Skip(count)], openers, cancellation);
        ClamdSample sample = new(round, route, openers, result)
        {
            DeciderCpuUs = CpuTime.Of(deciders).Since(decidersBefore).TotalMicroseconds / result.Operations,
            ClamdCpuUs = CpuTime.Of([bed.Clamd.ProcessId]).Since(clamdBefore).TotalMicroseconds / result.Operations,
        };
        responder?.Process.AssertRunning();
        return sample;
    }
}
