using System.Globalization;
using System.Text.Json;
using Scanner.Benchmarks.Processes;

namespace Scanner.Benchmarks;

/// <summary>Runs the openers, which are processes of their own so that this one never waits for an answer.</summary>
internal sealed class OpenerRun(string program)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>For some thousand opens, each of which may wait for a scan.</summary>
    private static readonly TimeSpan OnceLimit = TimeSpan.FromMinutes(2);

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
        return Parse(output);
    }

    /// <summary>Has every file opened exactly once, by so many processes together; all must be allowed.</summary>
    public async Task<OpenerResult> RunOnceAsync(
        IReadOnlyList<string> files, int openers, CancellationToken cancellation) =>
        AssertAllowed(
            Parse(await Command.RunAsync(
                [program, "--openers", Text(openers), "--once", .. files], OnceLimit, cancellation)),
            files);

    /// <summary>Has every file opened once for writing only, and closed, by one process.</summary>
    public async Task<OpenerResult> RunWriterAsync(IReadOnlyList<string> files, CancellationToken cancellation) =>
        AssertAllowed(
            Parse(await Command.RunAsync(
                [program, "--openers", "1", "--once", "--write", .. files], OnceLimit, cancellation)),
            files);

    /// <summary>Like <see cref="RunAsync"/>, where every open must be allowed.</summary>
    /// <exception cref="BenchmarkException">Some were denied: a refusal can be quicker than a scan.</exception>
    public async Task<OpenerResult> RunAllowedAsync(OpenerPlan plan, CancellationToken cancellation) =>
        AssertAllowed(await RunAsync(plan, cancellation), plan.Files);

    public static OpenerResult Parse(string output) =>
        JsonSerializer.Deserialize<OpenerResult>(output, Json)
            ?? throw new BenchmarkException("the openers printed no result");

    private static OpenerResult AssertAllowed(OpenerResult result, IReadOnlyList<string> files) =>
        result.Denied == 0
            ? result
            : throw new BenchmarkException(
                $"{result.Denied} of {result.Operations} opens of clean files like {files[0]} were denied");

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
