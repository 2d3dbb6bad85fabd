namespace Scanner.Linux.Processes;

/// <summary>The signals that the supervisor sends (signal(7), x86-64).</summary>
public enum ProcessSignal
{
    Kill = 9,
    Terminate = 15,
}
