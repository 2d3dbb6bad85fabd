using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Passes;

/// <summary>Counts the system calls that an event costs the process that reads it.</summary>
/// <remarks>
/// A pass of its own: a traced process is slower. With perf(1) hardly; with strace(1) many times, so that a reader is
/// sometimes woken for an event that the other one takes, but it tells names.
/// </remarks>
internal sealed class SystemCallPass(TestBed bed)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(500);

    /// <returns>The samples of every tracer that is installed.</returns>
    public async Task<IReadOnlyList<SystemCallSample>> RunAsync(CancellationToken cancellation)
    {
        List<SystemCallSample> samples = [];
        foreach (ICallTracer tracer in (ICallTracer[])[new PerfTracer(), new StraceTracer()])
        {
            if (Command.Exists(tracer.Program))
            {
                await Console.Error.WriteLineAsync($"system calls, with {tracer.Program}");
                samples.AddRange(await RunAsync(tracer, cancellation));
            }
            else
            {
                await Console.Error.WriteLineAsync($"SKIPPED: system calls, as {tracer.Program} is not installed");
            }
        }

        return samples;
    }

    private async Task<IReadOnlyList<SystemCallSample>> RunAsync(ICallTracer tracer, CancellationToken cancellation)
    {
        List<SystemCallSample> samples = [];
        foreach (Route route in bed.Routes)
        {
            await using IResponder? responder = await bed.StartAsync(route, pinned: false, cancellation);
            if (responder is null)
            {
                continue;
            }

            foreach (FileKind kind in TestBed.KindsFor(route))
            {
                Cell cell = new(route, kind, Openers: 1, Pinned: false);
                await bed.Opener.RunAllowedAsync(bed.Plan(cell), cancellation);
                samples.Add(await CountAsync(tracer, responder, cell, cancellation));
            }

            await responder.Process.StopAsync();
        }

        return samples;
    }

    private async Task<SystemCallSample> CountAsync(
        ICallTracer tracer, IResponder responder, Cell cell, CancellationToken cancellation)
    {
        string output = Path.Combine(bed.Image.Directory, "calls.txt");
        try
        {
            OpenerPlan plan = bed.Plan(cell) with
            {
                Time = Limit / 2,
                Iterations = bed.Options.TracedOpens,
            };
            long operations = await TraceAsync(tracer, responder, output, plan, cancellation);
            IReadOnlyDictionary<string, long> calls = tracer.Parse(await File.ReadAllTextAsync(output, cancellation));
            if (calls.Count == 0)
            {
                throw new BenchmarkException($"{tracer.Program} counted nothing");
            }

            return new SystemCallSample(
                tracer.Program,
                cell.Route,
                cell.Files,
                (double)calls.Values.Sum() / operations,
                [
                    .. calls.Where(call => call.Key.Length > 0)
                        .OrderByDescending(call => call.Value)
                        .Select(call => KeyValuePair.Create(call.Key, (double)call.Value / operations)),
                ]);
        }
        finally
        {
            File.Delete(output);
        }
    }

    private async Task<long> TraceAsync(
        ICallTracer tracer, IResponder responder, string output, OpenerPlan plan, CancellationToken cancellation)
    {
        int reader = responder.ReaderId;
        await using ChildProcess trace = await ChildProcess.StartAsync(
            tracer.Command(reader, output), cpu: null, Limit, isReady: null, cancellation);
        while (!tracer.IsAttached(reader))
        {
            trace.AssertRunning();
            await Task.Delay(PollInterval, cancellation);
        }

        await Task.Delay(SettleTime, cancellation);
        OpenerResult result = await bed.Opener.RunAllowedAsync(plan, cancellation);
        responder.Process.AssertRunning();
        await trace.StopAsync("INT");
        return result.Operations;
    }
}
