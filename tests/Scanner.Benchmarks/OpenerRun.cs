using System.Globalization;
using System.Text.Json;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>Runs the openers, which are processes of their own so that this one never waits for an answer.</summary>
internal sealed class OpenerRun(string program)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private static readonly JsonSerializerOptions Json =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task<OpenerResult> RunAsync(OpenerPlan plan, CancellationToken cancellation)
    {
        IReadOnlyList<string> pin = plan.Cpu is int cpu ? ["--cpu", Text(cpu)] : [];
        string output = await Command.RunAsync(
            [
                program,
                "--openers", Text(plan.Openers),
                "--iterations", Text(plan.Iterations),
                "--seconds", Text(plan.Time.TotalSeconds),
                .. pin,
                .. plan.Files,
            ],
            plan.Time + Grace,
            cancellation);
        return JsonSerializer.Deserialize<OpenerResult>(output, Json)
            ?? throw new BenchmarkException($"{program} printed no result");
    }

    /// <summary>The same, where every open must be allowed.</summary>
    /// <exception cref="BenchmarkException">Some were denied: a refusal can be quicker than a scan.</exception>
    public async Task<OpenerResult> RunAllowedAsync(OpenerPlan plan, CancellationToken cancellation)
    {
        OpenerResult result = await RunAsync(plan, cancellation);
        return result.Denied == 0
            ? result
            : throw new BenchmarkException(
                $"{result.Denied} of {result.Operations} opens of clean files like {plan.Files[0]} were denied");
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
