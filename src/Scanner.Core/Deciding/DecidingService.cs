using Microsoft.Extensions.Hosting;
using Scanner.Core.Listening;
using Scanner.Core.Scanning;

namespace Scanner.Core.Deciding;

/// <summary>
/// Runs the scheduler, and what brings it files that were written. Starts before the first event can come, and stops
/// after the last one.
/// </summary>
internal sealed class DecidingService(ScanScheduler scheduler, AfterWrite written) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        scheduler.Start();
        written.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        written.Dispose();
        scheduler.Dispose();
        return Task.CompletedTask;
    }
}
