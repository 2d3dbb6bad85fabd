using System.Diagnostics;
using Scanner.Benchmarks.Processes;
using Scanner.Benchmarks.Responders;

namespace Scanner.Benchmarks.Clamd;

/// <summary>ClamAV's own on-access scanner, kept to the benchmark's directory.</summary>
/// <remarks>
/// It marks the directories below its include path, and nothing else is in its configuration. It prints nothing when
/// its marks are set, so an infected file tells: the opens of it are denied from then on.
/// </remarks>
internal sealed class ClamonaccProcess : IResponder
{
    public const string Program = "/usr/sbin/clamonacc";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private ClamonaccProcess(ChildProcess process) => Process = process;

    public ChildProcess Process { get; }

    public int ReaderId => Process.Id;

    public IReadOnlyList<int> ProcessIds => [Process.Id];

    /// <exception cref="BenchmarkException">It does not start, or does not deny the infected file.</exception>
    public static async Task<ClamonaccProcess> StartAsync(
        string configuration, string infected, TimeSpan limit, CancellationToken cancellation)
    {
        ClamonaccProcess started = new(await ChildProcess.StartAsync(
            [Program, "--foreground", "--fdpass", $"--config-file={configuration}"],
            null,
            limit,
            isReady: null,
            cancellation));
        try
        {
            await started.WaitUntilDeniedAsync(infected, cancellation);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task WaitUntilDeniedAsync(string infected, CancellationToken cancellation)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < StartLimit)
        {
            Process.AssertRunning();
            try
            {
                await Command.RunAsync(["cat", infected], OpenLimit, cancellation);
            }
            catch (BenchmarkException)
            {
                return;
            }

            await Task.Delay(PollInterval, cancellation);
        }

        throw new BenchmarkException("clamonacc lets an infected file be opened");
    }
}
