namespace Scanner.Benchmarks.Clamd;

/// <summary>One cell, measured once.</summary>
/// <param name="Round">Samples of one round are compared with one another.</param>
/// <param name="Route">Who has the files scanned.</param>
/// <param name="Opener">What the openers saw.</param>
/// <param name="Openers">How many they were.</param>
internal sealed record ClamdSample(int Round, ClamdRoute Route, int Openers, OpenerResult Opener)
{
    /// <summary>CPU time of the processes that decide, per open, in microseconds; 0 where there are none.</summary>
    public double DeciderCpuUs { get; init; }

    /// <summary>CPU time of clamd per open, in microseconds.</summary>
    public double ClamdCpuUs { get; init; }
}
