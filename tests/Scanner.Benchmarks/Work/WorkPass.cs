using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Reporting;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Work;

/// <summary>Has the same work done where this one answers, and that one: every answerer once per round.</summary>
/// <param name="rounds">How many rounds.</param>
/// <param name="bed">What the work is done on.</param>
/// <param name="answerers">Those that can be measured here.</param>
internal sealed class WorkPass(int rounds, WorkBed bed, IEnumerable<Answerer> answerers)
{
    public const string GrepRootOnly = "grep -r warm, only root can write";
    public const string GrepUserWritable = "grep -r warm, a user can write";

    /// <summary>How often something warm is timed; the median counts.</summary>
    private const int WarmTimes = 3;

    private readonly List<Answerer> _answerers = [.. answerers];
    private readonly List<CacheSample> _samples = [];
    private readonly List<CounterLine> _counters = [];
    private readonly List<string> _skipped = [];

    public IReadOnlyList<CacheSample> Samples => _samples;

    public IReadOnlyList<CounterLine> Counters => _counters;

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<string> Skipped => _skipped;

    public async Task RunAsync(CancellationToken cancellation)
    {
        // The first time the programs have to be read from the disk.
        await MeasureAsync(0, Answerer.Nobody, cancellation);
        _samples.Clear();
        for (int round = 1; round <= rounds; round++)
        {
            IEnumerable<Answerer> order = round % 2 == 0 ? _answerers.AsEnumerable().Reverse() : _answerers;
            foreach (Answerer answerer in order.ToArray())
            {
                await Console.Error.WriteLineAsync($"round {round} of {rounds}: {CacheTable.NameOf(answerer)}");
                await TryMeasureAsync(round, answerer, cancellation);
            }
        }
    }

    // clamonacc is a comparison: that it does not run here must be said, and must not end the measurement.
    private async Task TryMeasureAsync(int round, Answerer answerer, CancellationToken cancellation)
    {
        try
        {
            await MeasureAsync(round, answerer, cancellation);
        }
        catch (BenchmarkException error) when (answerer == Answerer.Clamonacc)
        {
            _answerers.Remove(answerer);
            _skipped.Add($"clamonacc: {error.Message}");
        }
    }

    private async Task MeasureAsync(int round, Answerer answerer, CancellationToken cancellation)
    {
        await bed.WriteAsync(cancellation);
        await using IResponder? responder = await bed.StartAsync(answerer, cancellation);
        Turn turn = bed.TurnOf(round, answerer, responder);
        await MeasureAsync(turn, new WorkStep("unpack a tar archive", bed.Archive.Unpack), cancellation);
        await GrepAsync(turn, "grep -r cold, only root can write", GrepRootOnly, bed.Files.RootDirectory, cancellation);
        await GrepAsync(
            turn, "grep -r cold, a user can write", GrepUserWritable, bed.Files.UserDirectory, cancellation);
        await CompileAsync(turn, cancellation);
        responder?.Process.AssertRunning();
        if (responder is ScannerDaemon daemon)
        {
            _counters.Add(new CounterLine(round, bed.Place, answerer, await daemon.StopAsync()));
            daemon.AssertAllWasClean();
        }
    }

    private async Task GrepAsync(
        Turn turn, string cold, string warm, string directory, CancellationToken cancellation)
    {
        WorkStep grep = new(cold, ["grep", "-r", "--fixed-strings", "--", OwnedFiles.Needle, directory]);
        int? passedBefore = turn.CountPassed();
        await MeasureAsync(turn, grep, cancellation);

        // Three opens before: a user's file has to be seen twice to be kept, and this may not succeed at once.
        for (int i = 1; i < 3; i++)
        {
            await bed.Runner.RunAsync(grep.Command, cancellation);
            await turn.WaitUntilQuietAsync(cancellation);
        }

        int? passed = turn.CountPassed() - passedBefore;
        await MeasureAsync(turn, grep with { Deed = warm, Times = WarmTimes, Unasked = passed }, cancellation);
    }

    private async Task CompileAsync(Turn turn, CancellationToken cancellation)
    {
        WorkStep compile = new("compile cold", bed.Sources.Make);
        await MeasureAsync(turn, compile, cancellation);
        await MeasureAsync(
            turn,
            compile with { Deed = "compile warm", Times = WarmTimes, Before = bed.Sources.Clean },
            cancellation);
    }

    private async Task MeasureAsync(Turn turn, WorkStep step, CancellationToken cancellation)
    {
        List<double> microseconds = [];
        List<double> cpu = [];
        for (int i = 0; i < step.Times; i++)
        {
            if (step.Before is { } before)
            {
                await WorkBed.PrepareAsync(before, cancellation);
            }

            await bed.SyncAsync(cancellation);
            await turn.WaitUntilQuietAsync(cancellation);
            CpuTime spent = CpuTime.Of(turn.ProcessIds);
            microseconds.Add(await bed.Runner.RunAsync(step.Command, cancellation) * 1e6);
            cpu.Add(CpuTime.Of(turn.ProcessIds).Since(spent).TotalMicroseconds);
        }

        _samples.Add(turn.Sample(bed.Place, step.Deed, microseconds.Median()) with
        {
            CpuUs = turn.Responder is null ? null : cpu.Median(),
            Unasked = step.Unasked,
        });
    }
}
