namespace Scanner.Core.Scanning;

/// <summary>The lanes: one for files that are here, one for files that a server or some process delivers.</summary>
internal sealed class ScanLanes
{
    private const int RemoteThreads = 2;

    public ScanLane Local { get; } = new("scan", Math.Max(2, Environment.ProcessorCount));

    public ScanLane Remote { get; } = new("remote scan", RemoteThreads);
}
