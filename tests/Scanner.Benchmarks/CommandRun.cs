using System.Text.Json;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>Times whole commands, without what starting them from here costs.</summary>
internal sealed class CommandRun(string program)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <returns>Seconds from the command's start to its end.</returns>
    /// <exception cref="BenchmarkException">It failed.</exception>
    public async Task<double> RunAsync(IReadOnlyList<string> command, CancellationToken cancellation)
    {
        string output = await Command.RunAsync([program, .. command], Limit, cancellation);
        using JsonDocument result = JsonDocument.Parse(output);
        return result.RootElement.GetProperty("seconds").GetDouble();
    }
}
