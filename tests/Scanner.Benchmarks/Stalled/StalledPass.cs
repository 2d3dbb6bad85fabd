namespace Scanner.Benchmarks.Stalled;

/// <summary>Measures every cell once per round: known files, while others wait.</summary>
/// <remarks>Cells that are compared follow one another, and change their order from round to round.</remarks>
internal sealed class StalledPass(StalledBed bed)
{
    private static readonly Route[] s_routes = [Route.Responder, Route.Scannerd];

    public async Task<IReadOnlyList<StalledSample>> RunAsync(CancellationToken cancellation)
    {
        List<StalledSample> samples = [];
        for (int round = 1; round <= bed.Options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {bed.Options.Rounds}");
            foreach (Route route in (Route[])[.. round % 2 == 0 ? s_routes.Reverse() : s_routes])
            {
                samples.AddRange(await MeasureAsync(round, route, cancellation));
            }
        }

        return samples;
    }

    private async Task<IReadOnlyList<StalledSample>> MeasureAsync(
        int round, Route route, CancellationToken cancellation)
    {
        await using IAsyncDisposable answering = await bed.StartAsync(route, cancellation);
        await using PendingOpens pending = await bed.StartPendingAsync(cancellation);
        List<StalledSample> samples = [];
        foreach (int openers in StalledOptions.OpenerCounts)
        {
            foreach (StalledPlace place in Enum.GetValues<StalledPlace>())
            {
                OpenerResult result = await MeasureAsync(place, openers, cancellation);
                samples.Add(new StalledSample(round, route, place, openers, result));
            }
        }

        pending.AssertPending();
        return samples;
    }

    private async Task<OpenerResult> MeasureAsync(StalledPlace place, int openers, CancellationToken cancellation)
    {
        TimeSpan time = StalledOptions.CellTime;
        Task<OpenerResult>? beside = place == StalledPlace.OtherBesideSame
            ? bed.OpenAsync(StalledPlace.Same, openers: 1, 2 * time, cancellation)
            : null;
        await bed.OpenAsync(place, openers, time / 4, cancellation);
        OpenerResult result = await bed.OpenAsync(place, openers, time, cancellation);
        if (beside is not null)
        {
            await beside;
        }

        return result;
    }
}
