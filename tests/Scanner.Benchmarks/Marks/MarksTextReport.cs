using System.Globalization;
using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Marks;

/// <summary>The report for people: medians over the rounds, ratios formed within a round.</summary>
internal static class MarksTextReport
{
    private const double OpenGoal = 2;
    private const double ReplacedGoalMs = 2_000;

    /// <summary>Fewer say nothing about so many marks. The kernel drops some when it wants memory.</summary>
    private const double MarkedShare = 0.9;

    public static void Write(MarksReport report, TextWriter output)
    {
        output.WriteLine(
            $"Linux {report.Machine.Kernel}, {report.Machine.Cpus} CPUs, load before "
            + $"{Number(report.Machine.LoadBefore, 2)}; {report.Files} files of one byte");
        output.WriteLine("us/scan: elapsed time of each file's first open; p50, p99: of opening some of them again");
        output.WriteLine("fresh, known: ms until a new list judges a file that was never opened, and one that was");
        output.WriteLine("longest: wait of an open meanwhile, in ms; end: ms from SIGTERM");
        output.WriteLine();
        output.WriteLine(
            $"{"",-26} {"scanned",9} {"us/scan",8} {"unasked",9} {"p50 us",8} {"x nobody",8} {"p99 us",8} "
            + $"{"fresh",8} {"known",8} {"longest",8} {"end",8}");
        foreach (IGrouping<Answerer, MarksSample> cell in report.Samples.GroupBy(s => s.Answerer).OrderBy(c => c.Key))
        {
            WriteRow(report, [.. cell], output);
        }

        output.WriteLine();
        WriteGoals(report, output);
    }

    private static void WriteRow(MarksReport report, MarksSample[] cell, TextWriter output)
    {
        bool isScanned = cell[0].Answerer != Answerer.Nobody;
        output.WriteLine(
            $"{CacheTable.NameOf(cell[0].Answerer),-26} "
            + $"{Scan(s => s.Scanned, 0),9} {Scan(s => s.ScanSeconds * 1e6 / s.Scanned, 1),8} "
            + $"{Scan(s => s.Unasked, 0),9} "
            + $"{Number(cell.Select(s => s.Opens.P50Us).Median(), 2),8} {Number(OpenRatio(report, cell), 2),8} "
            + $"{Number(cell.Select(s => s.Opens.P99Us).Median(), 2),8} "
            + $"{Scan(s => s.Reload!.FreshMs, 0),8} {Scan(s => s.Reload!.KnownMs, 0),8} "
            + $"{Scan(s => s.Reload!.LongestMs, 1),8} {Scan(s => s.StopSeconds * 1e3, 0),8}");

        string Scan(Func<MarksSample, double> value, int digits) =>
            isScanned ? Number(cell.Select(value).Median(), digits) : "";
    }

    private static void WriteGoals(MarksReport report, TextWriter output)
    {
        const string Opens = "opens of marked files, to nobody";
        const string Replacing = "ms from the engine's having new signatures until nothing is answered by the old ones";
        MarksSample[] cell = [.. report.Samples.Where(sample => sample.Answerer == Answerer.Scannerd)];
        double marked = cell.Select(sample => (double)sample.Unasked / sample.Scanned).Median();
        if (marked < MarkedShare)
        {
            string why = $"as only {Number(marked * 100, 1)} % of the files are marked";
            Goal.NotJudged(Opens, why, output);
            Goal.NotJudged(Replacing, why, output);
            return;
        }

        Goal.AtMost(OpenGoal, Opens, OpenRatio(report, cell), output);
        Goal.AtMost(ReplacedGoalMs, Replacing, cell.Select(sample => sample.Reload!.ReplacedMs).Median(), output);
    }

    private static double OpenRatio(MarksReport report, IEnumerable<MarksSample> cell) => cell
        .Select(sample => sample.Opens.P50Us
            / report.Samples.Single(s => s.Round == sample.Round && s.Answerer == Answerer.Nobody).Opens.P50Us)
        .Median();

    private static string Number(double value, int digits) =>
        value.ToString($"F{digits}", CultureInfo.InvariantCulture);
}
