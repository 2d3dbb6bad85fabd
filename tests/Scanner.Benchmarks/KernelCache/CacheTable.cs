using System.Globalization;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.KernelCache;

/// <summary>Prints samples: medians over the rounds, ratios formed within a round.</summary>
/// <param name="report">The samples.</param>
/// <param name="unit">The unit of times, as <c>ms</c>.</param>
/// <param name="unitUs">Its microseconds.</param>
internal sealed class CacheTable(CacheReport report, string unit, double unitUs)
{
    private const int NameWidth = 42;
    private const int ColumnWidth = 10;

    private readonly record struct Column(string Name, Func<IReadOnlyList<CacheSample>, string> Text);

    public void Write(TextWriter output)
    {
        output.WriteLine(
            $"Linux {report.Machine.Kernel}, {report.Machine.Cpus} CPUs, load before "
            + $"{Number(report.Machine.LoadBefore, 2)}; {report.Files} files; "
            + $"{report.Samples.Select(sample => sample.Round).Distinct().Count()} rounds");
        output.WriteLine();
        Column[] columns = [.. Columns().Where(column => column.Text(report.Samples).Length > 0)];
        foreach (IGrouping<(ScratchKind Place, string Deed), CacheSample> deed in
            report.Samples.GroupBy(sample => (sample.Place, sample.Deed)))
        {
            string heading = $"{deed.Key.Place.ToString().ToLowerInvariant()}: {deed.Key.Deed}";
            WriteLine(heading, columns.Select(column => column.Name), output);
            foreach (IGrouping<Answerer, CacheSample> cell in deed.GroupBy(s => s.Answerer).OrderBy(c => c.Key))
            {
                WriteLine($"  {NameOf(cell.Key)}", columns.Select(column => column.Text([.. cell])), output);
            }

            output.WriteLine();
        }
    }

    public static string NameOf(Answerer answerer) => answerer switch
    {
        Answerer.Nobody => "nobody",
        Answerer.Responder => "C responder",
        Answerer.Scannerd => "scannerd",
        Answerer.AskedScannerd => "scannerd, asked each time",
        Answerer.ScannerdWithClamd => "scannerd with clamd",
        Answerer.Clamonacc => "clamonacc",
        _ => throw new ArgumentOutOfRangeException(nameof(answerer)),
    };

    private static void WriteLine(string name, IEnumerable<string> texts, TextWriter output) =>
        output.WriteLine(
            $"{name,-NameWidth} {string.Join(' ', texts.Select(text => text.PadLeft(ColumnWidth)))}".TrimEnd());

    private static string Number(double value, int digits) =>
        value.ToString($"F{digits}", CultureInfo.InvariantCulture);

    private static string Median(IEnumerable<double?> values, int digits)
    {
        double[] known = [.. values.OfType<double>()];
        return known is [] ? "" : Number(known.Median(), digits);
    }

    private Column[] Columns() =>
    [
        new(unit, cell => Time(cell, sample => sample.Us)),
        new("x nobody", cell => Ratio(cell, sample => sample.Us)),
        new("(range)", Range),
        new("mean", cell => Time(cell, sample => sample.MeanUs)),
        new("x nobody", MeanRatio),
        new("p99", cell => Time(cell, sample => sample.P99Us)),
        new("CPU", cell => Time(cell, sample => sample.CpuUs)),
        new("unasked", cell => Median(cell.Select(sample => (double?)sample.Unasked), 0)),
    ];

    private string Time(IReadOnlyList<CacheSample> cell, Func<CacheSample, double?> value) =>
        Median(cell.Select(sample => value(sample) / unitUs), 2);

    private string Ratio(IReadOnlyList<CacheSample> cell, Func<CacheSample, double> value) =>
        Median(report.Ratios(cell, value).Select(ratio => (double?)ratio), 2);

    private string MeanRatio(IReadOnlyList<CacheSample> cell) =>
        cell.All(sample => sample.MeanUs is not null) ? Ratio(cell, sample => sample.MeanUs!.Value) : "";

    private string Range(IReadOnlyList<CacheSample> cell)
    {
        IReadOnlyList<double> ratios = report.Ratios(cell, sample => sample.Us);
        return ratios is [] ? "" : $"{Number(ratios.Min(), 2)}-{Number(ratios.Max(), 2)}";
    }
}
