using System.Globalization;
using Scanner.Benchmarks.Reporting;

namespace Scanner.Benchmarks.Clamd;

/// <summary>The report for people: medians over the rounds, ratios formed within a round.</summary>
internal static class ClamdTextReport
{
    private const double ThroughputGoal = 0.85;
    private const double CpuGoal = 0.15;
    private const double LatencyGoal = 1.3;
    private const long MemoryGoal = 5_000_000;

    public static void Write(ClamdReport report, TextWriter output)
    {
        output.WriteLine(
            $"Linux {report.Machine.Kernel}, {report.Machine.Cpus} CPUs, load before {Number(report.Machine.LoadBefore, 2)}; "
            + $"{report.Samples.Max(sample => sample.Opener.Operations)} cold files of 4 KiB in each cell");
        output.WriteLine("opens/s of all openers together; p50, p99: of a single open; CPU: per open");
        output.WriteLine();
        output.WriteLine(
            $"{"openers",7} {"scanned by way of",-20} {"opens/s",9} {"x client",9} {"p50 us",9} {"p99 us",9} "
            + $"{"own CPU us",11} {"clamd CPU us",13}");
        foreach (IGrouping<int, ClamdSample> openers in report.Samples.GroupBy(sample => sample.Openers))
        {
            foreach (IGrouping<ClamdRoute, ClamdSample> cell in openers.GroupBy(sample => sample.Route).OrderBy(c => c.Key))
            {
                output.WriteLine(
                    $"{openers.Key,7} {NameOf(cell.Key),-20} {Number(cell, s => s.Opener.PerSecond, 0),9} "
                    + $"{Number(Throughput(report, cell.Key, openers.Key), 2),9} "
                    + $"{Number(cell, s => s.Opener.P50Us, 0),9} {Number(cell, s => s.Opener.P99Us, 0),9} "
                    + $"{Number(cell, s => s.DeciderCpuUs, 1),11} {Number(cell, s => s.ClamdCpuUs, 1),13}");
            }

            output.WriteLine();
        }

        WriteGoals(report, output);
        foreach (string skipped in report.Skipped)
        {
            output.WriteLine($"SKIPPED: {skipped}");
        }
    }

    private static void WriteGoals(ClamdReport report, TextWriter output)
    {
        foreach (int openers in ClamdOptions.OpenerCounts)
        {
            double? ratio = Throughput(report, ClamdRoute.Scannerd, openers);
            Goal.AtLeast(ThroughputGoal, $"throughput of the C client, {openers} openers", ratio, output);
        }

        foreach (int openers in ClamdOptions.OpenerCounts)
        {
            double? ratio = Median(report, ClamdRoute.Scannerd, openers, sample => sample.DeciderCpuUs / sample.ClamdCpuUs);
            Goal.AtMost(CpuGoal, $"scannerd's CPU to clamd's, {openers} openers", ratio, output);
        }

        double? latency = Median(
            report,
            ClamdRoute.Scannerd,
            1,
            sample => sample.Opener.P50Us / (Same(report, sample, ClamdRoute.Responder).Opener.P50Us
                + Same(report, sample, ClamdRoute.Client).Opener.ScanP50Us));
        Goal.AtMost(LatencyGoal, "p50 of one open to C responder plus clamd's time", latency, output);

        if (report.Memory is { } memory)
        {
            long growth = memory.LateBytes - memory.EarlyBytes;
            output.WriteLine(
                $"Anonymous memory after {memory.EarlyScans} scans {Megabytes(memory.EarlyBytes)}, after "
                + $"{memory.LateScans} {Megabytes(memory.LateBytes)} (goal: at most {Megabytes(MemoryGoal)} more, "
                + $"{(growth <= MemoryGoal ? "met" : "missed")})");
        }
    }

    private static double? Throughput(ClamdReport report, ClamdRoute route, int openers) =>
        route is ClamdRoute.Responder
            ? null
            : Median(
                report,
                route,
                openers,
                sample => sample.Opener.PerSecond / Same(report, sample, ClamdRoute.Client).Opener.PerSecond);

    private static double? Median(ClamdReport report, ClamdRoute route, int openers, Func<ClamdSample, double> value)
    {
        double[] values =
        [
            .. report.Samples.Where(sample => sample.Route == route && sample.Openers == openers).Select(value),
        ];
        return values is [] ? null : values.Median();
    }

    private static ClamdSample Same(ClamdReport report, ClamdSample sample, ClamdRoute route) =>
        report.Samples.Single(
            other => other.Round == sample.Round && other.Openers == sample.Openers && other.Route == route);

    private static string NameOf(ClamdRoute route) => route switch
    {
        ClamdRoute.Responder => "(no scan: C resp.)",
        ClamdRoute.Client => "C client, no events",
        ClamdRoute.Scannerd => "scannerd",
        ClamdRoute.Clamonacc => "clamonacc",
        _ => throw new ArgumentOutOfRangeException(nameof(route)),
    };

    private static string Number(IEnumerable<ClamdSample> cell, Func<ClamdSample, double> value, int digits) =>
        Number(cell.Select(value).Median(), digits);

    private static string Number(double? value, int digits) =>
        value?.ToString($"F{digits}", CultureInfo.InvariantCulture) ?? "";

    private static string Megabytes(long bytes) => $"{Number(bytes / 1e6, 1)} MB";
}
