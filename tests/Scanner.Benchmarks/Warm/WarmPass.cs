using Scanner.Benchmarks.KernelCache;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Warm;

/// <summary>Measures on one file system: every answerer once per round, in changing order.</summary>
internal sealed class WarmPass(KernelCacheOptions options, NativeTools tools, ScratchMount mount)
{
    public const string RootOnly = "second open, only root can write";
    public const string UserWritable = "fourth open, a user can write";
    public const string Writer = "open for writing, of the same files";

    private static readonly TimeSpan AnswererLimit = TimeSpan.FromMinutes(3);

    private static readonly Answerer[] s_answerers =
        [Answerer.Nobody, Answerer.Responder, Answerer.AskedScannerd, Answerer.Scannerd];

    private readonly List<CacheSample> _samples = [];
    private readonly List<CounterLine> _counters = [];
    private readonly OpenerRun _opener = new(tools.Opener);
    private readonly Answerers _answerers = new(tools, mount, AnswererLimit);
    private readonly OwnedFiles _files = new(mount, options.Files);

    public IReadOnlyList<CacheSample> Samples => _samples;

    public IReadOnlyList<CounterLine> Counters => _counters;

    public async Task RunAsync(CancellationToken cancellation)
    {
        await _files.WriteAsync(cancellation);
        for (int round = 1; round <= options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"{mount.Kind}: round {round} of {options.Rounds}");
            foreach (Answerer answerer in (Answerer[])[.. round % 2 == 0 ? s_answerers.Reverse() : s_answerers])
            {
                await MeasureAsync(round, answerer, cancellation);
            }
        }
    }

    private async Task MeasureAsync(int round, Answerer answerer, CancellationToken cancellation)
    {
        await using IResponder? responder = await _answerers.StartAsync(answerer, cancellation);
        Turn turn = new(round, answerer, responder);
        await MeasureOpensAsync(turn, RootOnly, _files.RootOnly, opensBefore: 1, cancellation);

        // The first has it scanned, the second shows that it is opened more than once, the third may find a lease.
        await MeasureOpensAsync(turn, UserWritable, _files.UserWritable, opensBefore: 3, cancellation);
        int? leases = responder is null ? null : KernelState.CountLeases(responder.ProcessIds);
        await MeasureAsync(turn, Writer, leases, () => _opener.RunWriterAsync(_files.UserWritable, cancellation));
        if (responder is ScannerDaemon daemon)
        {
            _counters.Add(new CounterLine(round, mount.Kind, answerer, await daemon.StopAsync()));
            daemon.AssertAllWasClean();
        }
    }

    private async Task MeasureOpensAsync(
        Turn turn, string deed, IReadOnlyList<string> files, int opensBefore, CancellationToken cancellation)
    {
        int? passedBefore = turn.CountPassed();
        for (int i = 0; i < opensBefore; i++)
        {
            await _opener.RunOnceAsync(files, openers: 1, cancellation);
            await turn.WaitUntilQuietAsync(cancellation);
        }

        int? passed = turn.CountPassed() - passedBefore;
        await MeasureAsync(turn, deed, passed, () => _opener.RunOnceAsync(files, openers: 1, cancellation));
    }

    private async Task MeasureAsync(Turn turn, string deed, int? unasked, Func<Task<OpenerResult>> run)
    {
        CpuTime before = CpuTime.Of(turn.ProcessIds);
        OpenerResult result = await run();
        TimeSpan spent = CpuTime.Of(turn.ProcessIds).Since(before);
        turn.Responder?.Process.AssertRunning();
        _samples.Add(turn.Sample(mount.Kind, deed, result.P50Us) with
        {
            MeanUs = result.MicrosecondsPerOpen,
            P99Us = result.P99Us,
            CpuUs = turn.Responder is null ? null : spent.TotalMicroseconds / result.Operations,
            Unasked = unasked,
        });
    }
}
