using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Passes;

/// <summary>How long an open that has nothing to do with a crash waits across it.</summary>
internal sealed class KillPass(TestBed bed)
{
    private const int Openers = 4;

    /// <summary>A restart has to fit in: what still waits when the openers end is waited for, too.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan BeforeTheKill = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<KillSample>> RunAsync(CancellationToken cancellation)
    {
        List<KillSample> samples = [];
        for (int kill = 1; kill <= bed.Options.Kills; kill++)
        {
            await Console.Error.WriteLineAsync($"kill {kill} of {bed.Options.Kills}");
            samples.Add(await MeasureAsync(cancellation));
        }

        return samples;
    }

    // A new daemon for each kill: one that has crashed before may restart more slowly.
    private async Task<KillSample> MeasureAsync(CancellationToken cancellation)
    {
        await using ScannerDaemon daemon = await bed.StartScannerdAsync(pinned: false, cancellation);
        OpenerPlan plan = new(bed.Image.Files(FileKind.Small), Openers, RunTime, Cpu: null);
        OpenerResult undisturbed = await bed.Opener.RunAllowedAsync(plan, cancellation);

        Task<OpenerResult> openers = bed.Opener.RunAsync(plan, cancellation);
        await Task.Delay(BeforeTheKill, cancellation);
        int killed = daemon.KillWorker();
        await daemon.WaitForAnotherWorkerAsync(killed, cancellation);
        OpenerResult disturbed = await openers;

        await daemon.Process.StopAsync();
        return new KillSample(undisturbed, disturbed);
    }
}
