using System.Globalization;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Stalled;

/// <summary>The report for people.</summary>
internal static class StalledTextReport
{
    private const double SameGoal = 1.5;
    private const double OtherGoalUs = 5_000;

    public static void Write(
        Machine machine, StalledOptions options, IReadOnlyList<StalledSample> samples, TextWriter output)
    {
        output.WriteLine($"Linux {machine.Kernel}, {machine.Cpus} CPUs, load before {Number(machine.LoadBefore, 2)}");
        output.WriteLine(
            $"Opens of known files while {options.Pending} others wait, medians of {options.Rounds} rounds; "
            + "x C: ratio to the C responder with as many pending, within a round");
        output.WriteLine(
            $"{"known files are",-32} {"openers",7} {"C p50 us",10} {"C p99 us",10} {"p50 us",10} {"p99 us",10} "
            + $"{"p50 x C",8} {"(range)",13} {"us/open x C",11}");
        foreach (IGrouping<(StalledPlace Place, int Openers), StalledSample> cell in samples
            .GroupBy(sample => (sample.Place, sample.Openers))
            .OrderBy(cell => cell.Key))
        {
            WriteRow(cell.Key.Place, cell.Key.Openers, [.. cell], output);
        }

        WriteGoals(samples, output);
    }

    private static void WriteRow(
        StalledPlace place, int openers, StalledSample[] samples, TextWriter output)
    {
        double[] ratios = Ratios(samples, result => result.P50Us);
        output.WriteLine(
            $"{NameOf(place),-32} {openers,7} "
            + $"{Number(Of(Route.Responder, result => result.P50Us), 1),10} "
            + $"{Number(Of(Route.Responder, result => result.P99Us), 1),10} "
            + $"{Number(Of(Route.Scannerd, result => result.P50Us), 1),10} "
            + $"{Number(Of(Route.Scannerd, result => result.P99Us), 1),10} "
            + $"{Number(ratios.Median(), 2),8} {$"{Number(ratios.Min(), 2)}-{Number(ratios.Max(), 2)}",13} "
            + $"{Number(Ratios(samples, result => result.MicrosecondsPerOpen).Median(), 2),11}");

        double Of(Route route, Func<OpenerResult, double> what) =>
            samples.Where(sample => sample.Route == route).Select(sample => what(sample.Result)).Median();
    }

    private static void WriteGoals(IReadOnlyList<StalledSample> samples, TextWriter output)
    {
        double same = samples.Where(sample => sample.Place == StalledPlace.Same)
            .GroupBy(sample => sample.Openers)
            .Max(cell => Ratios([.. cell], result => result.P50Us).Median());
        double other = samples.Where(sample => sample is { Place: StalledPlace.Other, Route: Route.Scannerd })
            .GroupBy(sample => sample.Openers)
            .Max(cell => cell.Select(sample => sample.Result.P99Us).Median());
        output.WriteLine(
            $"Same group within {Number(SameGoal, 1)} of the C responder, p50: worst {Number(same, 2)}, "
            + $"{(same <= SameGoal ? "met" : "missed")}");
        output.WriteLine(
            $"Other group, p99 under {Number(OtherGoalUs / 1e3, 0)} ms: worst {Number(other / 1e3, 2)} ms, "
            + $"{(other < OtherGoalUs ? "met" : "missed")}");
    }

    private static double[] Ratios(IReadOnlyList<StalledSample> samples, Func<OpenerResult, double> what)
    {
        Dictionary<int, double> responder = samples.Where(sample => sample.Route == Route.Responder)
            .ToDictionary(sample => sample.Round, sample => what(sample.Result));
        return [.. samples.Where(sample => sample.Route == Route.Scannerd)
            .Select(sample => what(sample.Result) / responder[sample.Round])];
    }

    private static string NameOf(StalledPlace place) => place switch
    {
        StalledPlace.Same => "in the same group",
        StalledPlace.Other => "in another group",
        StalledPlace.OtherBesideSame => "in another group, both at once",
        _ => throw new ArgumentOutOfRangeException(nameof(place)),
    };

    private static string Number(double value, int digits) =>
        value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
