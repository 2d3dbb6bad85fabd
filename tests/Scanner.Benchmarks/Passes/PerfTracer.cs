using System.Globalization;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Passes;

/// <summary>Counts with the kernel's tracepoint through perf(1): cheaper than strace, without names.</summary>
internal sealed class PerfTracer : ICallTracer
{
    private const string TracePoint = "raw_syscalls:sys_enter";

    public string Program => "perf";

    public IReadOnlyList<string> Command(int processId, string outputFile) =>
        [
            Program, "stat", "-x", ",", "-o", outputFile, "-e", TracePoint,
            "-p", processId.ToString(CultureInfo.InvariantCulture),
        ];

    /// <remarks>perf(1) shows nowhere that it has attached; what happens before is a handful of calls.</remarks>
    public bool IsAttached(int processId) => ProcessTree.ThreadsOf(processId).Count > 0;

    public IReadOnlyDictionary<string, long> Parse(string output)
    {
        string? line = output.Split('\n').FirstOrDefault(line => line.Contains(TracePoint, StringComparison.Ordinal));
        return long.TryParse(line?.Split(',')[0], CultureInfo.InvariantCulture, out long count)
            ? new Dictionary<string, long> { [""] = count }
            : [];
    }
}
