using System.Globalization;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks.Passes;

/// <summary>Counts with strace(1), by name.</summary>
internal sealed class StraceTracer : ICallTracer
{
    private const int CallsColumn = 3;

    public string Program => "strace";

    public IReadOnlyList<string> Command(int processId, string outputFile) =>
        [Program, "-c", "-f", "-o", outputFile, "-p", processId.ToString(CultureInfo.InvariantCulture)];

    public bool IsAttached(int processId) =>
        ProcessTree.ThreadsOf(processId)
            .Select(thread => ProcessTree.Read($"/proc/{processId}/task/{thread}/status"))
            .All(status => !status.Contains("TracerPid:\t0\n", StringComparison.Ordinal));

    public IReadOnlyDictionary<string, long> Parse(string output)
    {
        // "% time  seconds  usecs/call  calls  [errors]  syscall" between two rules, then the total.
        Dictionary<string, long> calls = [];
        foreach (string line in output.Split('\n'))
        {
            string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > CallsColumn + 1
                && columns[^1] != "total"
                && long.TryParse(columns[CallsColumn], CultureInfo.InvariantCulture, out long count))
            {
                calls[columns[^1]] = count;
            }
        }

        return calls;
    }
}
