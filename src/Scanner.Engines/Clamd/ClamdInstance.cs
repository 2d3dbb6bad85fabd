namespace Scanner.Engines.Clamd;

/// <summary>One run of clamd on this machine.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="StartTime">When that started, in clock ticks since boot: with the id, it names the run.</param>
/// <param name="Settings">Its configuration.</param>
internal sealed record ClamdInstance(int ProcessId, string StartTime, ClamdSettings Settings)
{
    public bool IsSameRun(ClamdInstance? other) => other?.ProcessId == ProcessId && other.StartTime == StartTime;
}
