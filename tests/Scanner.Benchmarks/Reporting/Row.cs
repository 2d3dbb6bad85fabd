using Scanner.Benchmarks.Passes;

namespace Scanner.Benchmarks.Reporting;

/// <summary>One cell over all rounds: medians, and medians of the ratios that were formed within each round.</summary>
internal sealed record Row
{
    public required Cell Cell { get; init; }

    /// <summary>Elapsed microseconds per open: what all openers together get done.</summary>
    public required double MicrosecondsPerOpen { get; init; }

    public required double RatioToPlain { get; init; }

    public required double? RatioToResponder { get; init; }

    /// <summary>The lowest and highest of the ratios that <see cref="RatioToResponder"/> is the median of.</summary>
    /// <remarks>For the C responder itself, of its times to their median: how much the machine varied.</remarks>
    public required RatioRange? Range { get; init; }

    public required double P50Us { get; init; }

    /// <summary>The same comparison of the medians of single opens, which other programs' load hardly moves.</summary>
    public required double? P50RatioToResponder { get; init; }

    public required double P99Us { get; init; }

    public required double MaxUs { get; init; }

    public required double? CpuMicrosecondsPerEvent { get; init; }

    public static IReadOnlyList<Row> From(IReadOnlyList<Sample> samples)
    {
        Dictionary<(int, Cell), OpenerResult> times =
            samples.ToDictionary(sample => (sample.Round, sample.Cell), sample => sample.Opener);
        return [.. samples.GroupBy(sample => sample.Cell).Select(group => From([.. group], times))];
    }

    private static Row From(IReadOnlyList<Sample> samples, Dictionary<(int Round, Cell Cell), OpenerResult> times)
    {
        Cell cell = samples[0].Cell;
        double median = samples.Select(sample => sample.Opener.MicrosecondsPerOpen).Median();
        double[] ratios = cell.Route == Route.Plain ? [] : [.. RatiosTo(Route.Responder, result => result.MicrosecondsPerOpen)];
        double[] range = cell.Route == Route.Responder
            ? [.. samples.Select(sample => sample.Opener.MicrosecondsPerOpen / median)]
            : ratios;
        return new Row
        {
            Cell = cell,
            MicrosecondsPerOpen = median,
            RatioToPlain = RatiosTo(Route.Plain, result => result.MicrosecondsPerOpen).Median(),
            RatioToResponder = ratios is [] ? null : ratios.Median(),
            Range = range is [] ? null : new RatioRange(range.Min(), range.Max()),
            P50Us = samples.Select(sample => sample.Opener.P50Us).Median(),
            P50RatioToResponder = cell.Route == Route.Plain
                ? null
                : RatiosTo(Route.Responder, result => result.P50Us).Median(),
            P99Us = samples.Select(sample => sample.Opener.P99Us).Median(),
            MaxUs = samples.Max(sample => sample.Opener.MaxUs),
            CpuMicrosecondsPerEvent = cell.Route == Route.Plain
                ? null
                : samples.Select(sample => sample.CpuMicrosecondsPerEvent ?? 0).Median(),
        };

        IEnumerable<double> RatiosTo(Route route, Func<OpenerResult, double> time) => samples.Select(sample =>
            time(sample.Opener) / time(times[(sample.Round, cell.Baseline(route))]));
    }
}
