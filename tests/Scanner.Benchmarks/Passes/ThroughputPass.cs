using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Passes;

/// <summary>Measures every cell once per round.</summary>
/// <remarks>
/// Cells that are compared with one another follow one another within seconds, and the routes change their order from
/// round to round, so that a machine that gets slower or busier in between does so for all of them.
/// </remarks>
internal sealed class ThroughputPass(TestBed bed)
{
    public async Task<IReadOnlyList<Sample>> RunAsync(CancellationToken cancellation)
    {
        List<Sample> samples = [];
        for (int round = 1; round <= bed.Options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {bed.Options.Rounds}");
            Route[] routes = [.. round % 2 == 0 ? bed.Routes.Reverse() : bed.Routes];
            foreach (bool pinned in (bool[])[false, true])
            {
                foreach (int openers in BenchmarkOptions.OpenerCounts)
                {
                    foreach (Route route in routes)
                    {
                        samples.AddRange(await MeasureAsync(round, route, openers, pinned, cancellation));
                    }
                }
            }
        }

        return samples;
    }

    private async Task<IReadOnlyList<Sample>> MeasureAsync(
        int round, Route route, int openers, bool pinned, CancellationToken cancellation)
    {
        await using IResponder? responder = await bed.StartAsync(route, pinned, cancellation);
        List<Sample> samples = [];
        foreach (FileKind kind in TestBed.KindsFor(route))
        {
            Cell cell = new(route, kind, openers, pinned);

            // Page cache, and code that a just-in-time compiler has not seen yet.
            OpenerPlan warmUp = bed.Plan(cell) with { Time = bed.Options.CellTime / 2 };
            await bed.Opener.RunAllowedAsync(warmUp, cancellation);
            samples.Add(await MeasureAsync(round, cell, responder, cancellation));
        }

        if (responder is not null)
        {
            await responder.Process.StopAsync();
        }

        return samples;
    }

    private async Task<Sample> MeasureAsync(
        int round, Cell cell, IResponder? responder, CancellationToken cancellation)
    {
        OpenerPlan plan = bed.Plan(cell);
        if (responder is null)
        {
            return new Sample(round, cell, await bed.Opener.RunAllowedAsync(plan, cancellation), null);
        }

        IReadOnlyList<int> processes = responder.ProcessIds;
        CpuTime before = CpuTime.Of(processes);
        OpenerResult result = await bed.Opener.RunAllowedAsync(plan, cancellation);
        TimeSpan spent = CpuTime.Of(processes).Since(before);
        responder.Process.AssertRunning();
        if (!responder.ProcessIds.SequenceEqual(processes))
        {
            throw new BenchmarkException("the worker was replaced during a measurement");
        }

        return new Sample(round, cell, result, spent.TotalMicroseconds / result.Operations);
    }
}
