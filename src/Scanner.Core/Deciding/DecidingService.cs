using Microsoft.Extensions.Hosting;
using Scanner.Core.Scanning;

namespace Scanner.Core.Deciding;

/// <summary>Has the lanes decide what is put into them. Starts before the first event can come.</summary>
internal sealed class DecidingService(ScanLanes lanes, EventDecider decider) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lanes.Local.Start(decider.DecideAsync);
        lanes.Remote.Start(decider.DecideAsync);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lanes.Local.Stop();
        lanes.Remote.Stop();
        return Task.CompletedTask;
    }
}
