using Microsoft.Extensions.Hosting;
using Scanner.Core.Scanning;

namespace Scanner.Core.Deciding;

/// <summary>Runs the scheduler. Starts before the first event can come, and stops after the last one.</summary>
internal sealed class DecidingService(ScanScheduler scheduler) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        scheduler.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        scheduler.Dispose();
        return Task.CompletedTask;
    }
}
