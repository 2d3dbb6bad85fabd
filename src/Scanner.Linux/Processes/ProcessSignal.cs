namespace Scanner.Linux.Processes;

/// <summary>The signals that the supervisor sends or is sent (signal(7), x86-64).</summary>
public enum ProcessSignal
{
    Kill = 9,

    /// <summary>Asks for a hand-over to the program as it is installed now.</summary>
    User2 = 12,
    Terminate = 15,
}
