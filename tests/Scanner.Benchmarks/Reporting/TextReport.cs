using System.Globalization;
using Scanner.Benchmarks.Passes;

namespace Scanner.Benchmarks.Reporting;

/// <summary>The report for people.</summary>
internal static class TextReport
{
    private const double InlineGoal = 1.5;
    private const double WaitGoalUs = 1e6;
    private const int CallNames = 8;

    public static void Write(Report report, TextWriter output)
    {
        WriteCells(report, output);
        WriteInlineGoal("elapsed", report.Cells, row => row.RatioToResponder, output);
        WriteInlineGoal("p50", report.Cells, row => row.P50RatioToResponder, output);
        WriteSystemCalls(report.SystemCalls, output);
        WriteKills(report.Kills, output);
    }

    private static void WriteCells(Report report, TextWriter output)
    {
        output.WriteLine(
            $"Linux {report.Machine.Kernel}, {report.Machine.Cpus} CPUs, load before {Number(report.Machine.LoadBefore, 2)}; "
            + $"pinned: everything on CPU {report.Machine.PinnedCpu}");
        output.WriteLine("us/open: elapsed time per open+read+close of all openers together; p50, p99, max: a single one");
        output.WriteLine("medians over the rounds (max: over all); ratios of us/open are formed within a round");
        output.WriteLine("range: lowest and highest ratio to C; for C itself, of its times to their median, which is the noise");
        output.WriteLine("p50 x C: ratio of the p50s, which other programs' load hardly moves");
        output.WriteLine("CPU us: CPU time of all who answer, per event");
        output.WriteLine();
        output.WriteLine(
            $"{"openers",7} {"CPU",-6} {"files",-8} {"answered by",-18} "
            + $"{"us/open",9} {"x plain",8} {"x C",6} {"(range)",13} "
            + $"{"p50",9} {"p50 x C",7} {"p99",9} {"max",9} {"CPU us",7}");
        IEnumerable<IGrouping<(int, bool), Row>> groups = report.Cells
            .GroupBy(row => (row.Cell.Openers, row.Cell.Pinned))
            .OrderBy(group => group.Key);
        foreach (IGrouping<(int, bool), Row> group in groups)
        {
            foreach (Row row in group.OrderBy(row => row.Cell.Files != FileKind.Empty).ThenBy(row => row.Cell.Route))
            {
                WriteRow(row, output);
            }

            output.WriteLine();
        }
    }

    private static void WriteRow(Row row, TextWriter output)
    {
        string range = row.Range is null ? "" : $"{Number(row.Range.Lowest, 2)}-{Number(row.Range.Highest, 2)}";
        output.WriteLine(
            $"{row.Cell.Openers,7} {(row.Cell.Pinned ? "pinned" : "free"),-6} "
            + $"{NameOf(row.Cell.Files),-8} {NameOf(row.Cell),-18} "
            + $"{Number(row.MicrosecondsPerOpen, 2),9} {Number(row.RatioToPlain, 2),8} "
            + $"{Number(row.RatioToResponder, 2),6} {range,13} "
            + $"{Number(row.P50Us, 1),9} {Number(row.P50RatioToResponder, 2),7} "
            + $"{Number(row.P99Us, 1),9} {Number(row.MaxUs, 0),9} {Number(row.CpuMicrosecondsPerEvent, 2),7}");
    }

    private static void WriteInlineGoal(
        string measure, IReadOnlyList<Row> rows, Func<Row, double?> ratio, TextWriter output)
    {
        Row[] inline = [.. rows.Where(row => row.Cell.Route == Route.Scannerd)];
        if (inline is [])
        {
            return;
        }

        Row worst = inline.MaxBy(ratio)!;
        output.WriteLine(
            $"Inline answers within {Number(InlineGoal, 1)} of the C responder, {measure}: "
            + $"{inline.Count(row => ratio(row) <= InlineGoal)} of {inline.Length} cells; "
            + $"worst {Number(ratio(worst), 2)} ({worst.Cell.Openers} openers, "
            + $"{(worst.Cell.Pinned ? "pinned" : "free")}, {NameOf(worst.Cell.Files)})");
    }

    private static void WriteSystemCalls(IReadOnlyList<SystemCallSample> samples, TextWriter output)
    {
        if (samples is [])
        {
            return;
        }

        output.WriteLine();
        output.WriteLine("System calls per event of the reading process, 1 opener");
        foreach (SystemCallSample sample in samples)
        {
            string names = string.Join(", ", sample.ByName.Take(CallNames).Where(call => call.Value >= 0.01)
                .Select(call => $"{call.Key} {Number(call.Value, 2)}"));
            Cell cell = new(sample.Route, sample.Files, 1, false);
            output.WriteLine(
                $"  {sample.Tracer,-6} {NameOf(cell.Files),-8} {NameOf(cell),-18} {Number(sample.PerEvent, 2),6}  {names}");
        }
    }

    private static void WriteKills(IReadOnlyList<KillSample> kills, TextWriter output)
    {
        if (kills is [])
        {
            return;
        }

        double[] waits = [.. kills.Select(kill => kill.Killed.MaxUs)];
        double undisturbed = kills.Select(kill => kill.Undisturbed.MaxUs).Median();
        output.WriteLine();
        output.WriteLine(
            $"Longest wait of an unrelated open across a kill of the worker: median {Milliseconds(waits.Median())}, "
            + $"worst {Milliseconds(waits.Max())}, {kills.Count} kills (goal: under {Milliseconds(WaitGoalUs)}, "
            + $"{(waits.Median() < WaitGoalUs ? "met" : "missed")}; no kill: median {Milliseconds(undisturbed)})");
        IEnumerable<string> denied = kills.Select(kill => $"{kill.Killed.Denied} of {kill.Killed.Operations}");
        output.WriteLine($"Clean opens denied across a kill: {string.Join(", ", denied)}");
    }

    private static string NameOf(FileKind files) => files switch
    {
        FileKind.Empty => "empty",
        FileKind.Small => "4 KiB",
        FileKind.Outside => "outside",
        _ => throw new ArgumentOutOfRangeException(nameof(files)),
    };

    private static string NameOf(Cell cell) => cell.Route switch
    {
        Route.Plain => "nobody",
        Route.Responder => "C responder",
        Route.Scannerd => cell.Files == FileKind.Small ? "scannerd, known" : "scannerd, inline",
        _ => throw new ArgumentOutOfRangeException(nameof(cell)),
    };

    private static string Milliseconds(double microseconds) => $"{Number(microseconds / 1e3, 1)} ms";

    private static string Number(double? value, int digits) =>
        value?.ToString($"F{digits}", CultureInfo.InvariantCulture) ?? "";
}
